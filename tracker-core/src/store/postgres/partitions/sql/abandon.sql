-- Ends the writing to both tables, all at once, and removes the state of the copy. The remaining
-- tables are then unused, and are removed step by step.
DROP TRIGGER IF EXISTS project_actions_mirror_insert ON {schema}.project_actions;
DROP TRIGGER IF EXISTS project_actions_mirror_update ON {schema}.project_actions;
DROP TRIGGER IF EXISTS project_actions_mirror_delete ON {schema}.project_actions;
DROP TRIGGER IF EXISTS project_actions_mirror_truncate ON {schema}.project_actions;
DROP FUNCTION IF EXISTS {schema}.project_actions_mirror(), {schema}.project_actions_reconcile(BIGINT), {schema}.project_actions_swap();
DROP TABLE IF EXISTS {schema}.project_actions_conversion, {schema}.project_actions_changed
