-- no transaction
-- Replaces V6 on servers without BRIN indexes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS project_actions_created_at
    ON project_actions (created_at);
