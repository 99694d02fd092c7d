-- no transaction
-- Replaces V10 on servers without hashes of texts.
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_seconds
    ON project_actions (project_id, created_at DESC, action_id DESC);
