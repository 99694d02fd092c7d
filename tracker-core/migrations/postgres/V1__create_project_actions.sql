CREATE TABLE IF NOT EXISTS project_actions (
    action_id VARCHAR PRIMARY KEY,
    project_id VARCHAR,
    user_id VARCHAR,
    request_id VARCHAR,
    action_type VARCHAR,
    action_details VARCHAR,
    status VARCHAR,
    environment VARCHAR,
    reference_ids JSONB,
    created_at BIGINT
);
