-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_action_types
    ON project_actions (project_id, action_type, created_at DESC, action_id DESC);
