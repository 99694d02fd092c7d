-- no transaction
-- In place of V4, where the server has no jsonb_path_ops.
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_reference_ids
    ON project_actions USING gin (reference_ids);
