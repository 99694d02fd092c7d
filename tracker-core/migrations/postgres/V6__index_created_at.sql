-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_created_at
    ON project_actions USING brin (created_at) WITH (autosummarize = on, pages_per_range = 32);
