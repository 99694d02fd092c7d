-- The table of an older deployment: it has costs, no references, and rows of every kind.
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
    cost_usd NUMERIC,
    created_at BIGINT
);
INSERT INTO turbobackend.project_actions VALUES
    ('old_1', 'proj_rooms', 'user_1', 'req_1', 'an older type', 'details', 'done', 'production', 0.25, 1000),
    ('old_2', 'proj_rooms', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2000),
    ('old_3', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
