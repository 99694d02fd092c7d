-- Ends that rows come into both tables, all at once, and forgets how far the copy was. What is left then is nobody's, and is removed bit by bit.
DROP TRIGGER IF EXISTS project_actions_mirror_insert ON {schema}.project_actions;
DROP TRIGGER IF EXISTS project_actions_mirror_update ON {schema}.project_actions;
DROP TRIGGER IF EXISTS project_actions_mirror_delete ON {schema}.project_actions;
DROP TRIGGER IF EXISTS project_actions_mirror_truncate ON {schema}.project_actions;
DROP FUNCTION IF EXISTS {schema}.project_actions_mirror(), {schema}.project_actions_reconcile(BIGINT), {schema}.project_actions_swap();
DROP TABLE IF EXISTS {schema}.project_actions_conversion, {schema}.project_actions_changed
