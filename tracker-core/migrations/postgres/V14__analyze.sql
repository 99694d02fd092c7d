-- no transaction
-- Gathers the statistics of the indexed expressions, which plans need before autovacuum does it.
ANALYZE project_actions;
