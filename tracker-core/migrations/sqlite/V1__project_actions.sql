-- One row per activity. The types are what SQLite takes from the names: text, and an integer.
CREATE TABLE IF NOT EXISTS project_actions (
    action_id      VARCHAR NOT NULL PRIMARY KEY,
    project_id     VARCHAR,
    user_id        VARCHAR,
    request_id     VARCHAR,
    action_type    VARCHAR,
    action_details VARCHAR,
    status         VARCHAR,
    environment    VARCHAR,
    reference_ids  TEXT,    -- a JSON object
    created_at     BIGINT   -- milliseconds since the Unix epoch
);
