-- The table before reference IDs, when it still had costs; as it is found in the wild, without an index but its key.
CREATE SCHEMA turbobackend;
CREATE TABLE turbobackend.project_actions (
    action_id VARCHAR PRIMARY KEY,
    project_id VARCHAR,
    user_id VARCHAR,
    request_id VARCHAR,
    action_type VARCHAR,
    action_details VARCHAR,
    status VARCHAR,
    environment VARCHAR,
    cost_usd NUMERIC(10, 4),
    created_at BIGINT
);
