-- The tables of the schema $1: the table and whether it is partitioned, and those of a conversion,
-- unfinished or done.
WITH tables AS (
    SELECT class.relname, class.relkind, class.relowner
    FROM pg_catalog.pg_class AS class
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE namespace.nspname = $1
)
SELECT
    COALESCE((SELECT relkind = 'p' FROM tables WHERE relname = 'project_actions'), false) AS is_partitioned,
    EXISTS (SELECT FROM tables WHERE relname = 'project_actions_partitions') AS has_map,
    EXISTS (SELECT FROM tables WHERE relname = 'project_actions_unpartitioned') AS has_old,
    EXISTS (SELECT FROM tables WHERE relname = 'project_actions_conversion') AS has_progress,
    (SELECT pg_catalog.pg_get_userbyid(relowner)::text FROM tables WHERE relname = 'project_actions') AS owner
