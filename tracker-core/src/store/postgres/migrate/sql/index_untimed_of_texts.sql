-- no transaction
-- Replaces V13 on servers without hashes of texts.
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_untimed
    ON project_actions (project_id, action_id)
    WHERE created_at IS NULL;
