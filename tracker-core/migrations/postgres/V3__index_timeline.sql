-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_timeline
    ON project_actions (project_id, created_at DESC, action_id DESC);
