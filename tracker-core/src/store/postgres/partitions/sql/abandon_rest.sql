-- The map goes last: as long as it exists, there is something left to remove.
DROP TABLE IF EXISTS {schema}.project_actions_partitioned;
DROP FUNCTION IF EXISTS {schema}.project_actions_ensure_partitions(), {schema}.project_actions_prune_partition(BIGINT);
DROP FUNCTION IF EXISTS {schema}.project_actions_make_partition(REGCLASS, TEXT, TIMESTAMPTZ), {schema}.project_actions_keeps_rows(REGCLASS);
DROP FUNCTION IF EXISTS {schema}.project_actions_widen_zone(), {schema}.project_actions_first_id(TIMESTAMPTZ);
DROP TABLE IF EXISTS {schema}.project_actions_partitions
