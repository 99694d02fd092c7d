-- no transaction
-- Replaces V11 on servers without hashes of texts.
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_type_seconds
    ON project_actions (project_id, action_type, created_at DESC, action_id DESC);
