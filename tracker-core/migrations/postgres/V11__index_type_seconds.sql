-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_type_seconds
    ON project_actions (project_id COLLATE "C", action_type COLLATE "C", (created_at >> 10));
