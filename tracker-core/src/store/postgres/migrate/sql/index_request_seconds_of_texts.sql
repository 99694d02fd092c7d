-- no transaction
-- Replaces V12 on servers without hashes of texts.
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_request_seconds
    ON project_actions (project_id, request_id, created_at DESC, action_id DESC)
    WHERE request_id IS NOT NULL;
