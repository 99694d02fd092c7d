-- no transaction
-- Replaces V4 on servers without jsonb_path_ops.
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_reference_ids
    ON project_actions USING gin (reference_ids);
