-- True if the table of the schema $1 is partitioned, with a map of its partitions that this role
-- may read.
SELECT EXISTS (
    SELECT
    FROM pg_catalog.pg_namespace AS namespace
    JOIN pg_catalog.pg_class AS own ON own.relnamespace = namespace.oid AND own.relname = 'project_actions'
    JOIN pg_catalog.pg_class AS map ON map.relnamespace = namespace.oid AND map.relname = 'project_actions_partitions'
    WHERE namespace.nspname = $1 AND own.relkind = 'p' AND has_table_privilege(map.oid, 'SELECT')
)
