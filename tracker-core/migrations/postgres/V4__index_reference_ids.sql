-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_reference_ids
    ON project_actions USING gin (reference_ids jsonb_path_ops);
