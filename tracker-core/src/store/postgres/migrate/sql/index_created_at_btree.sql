-- no transaction
-- In place of V6, where the server has no BRIN indexes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_created_at
    ON project_actions (created_at);
