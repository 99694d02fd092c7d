-- Returns whether the table in the schema $1 is in partitions, and which relations of the names $2
-- stand beside it.
SELECT own.relkind = 'p' AS is_in_partitions, ARRAY(
    SELECT found.relname::text FROM pg_catalog.pg_class AS found
    WHERE found.relnamespace = own.relnamespace AND found.relname = ANY ($2)
) AS found
FROM pg_catalog.pg_class AS own
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = own.relnamespace AND namespace.nspname = $1
WHERE own.relname = 'project_actions' AND own.relkind IN ('r', 'p')