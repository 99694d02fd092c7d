-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_seconds
    ON project_actions (project_id COLLATE "C", (created_at >> 10));
