-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_untimed
    ON project_actions (project_id COLLATE "C", action_id)
    WHERE created_at IS NULL;
