-- Which indexes of the names $2 the table in the schema $1 lacks, and whether it is in partitions.
SELECT wanted.name, own.relkind = 'p' AS is_of_partitions
FROM unnest($2::text[]) AS wanted (name)
JOIN pg_catalog.pg_class AS own ON own.relname = 'project_actions' AND own.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = own.relnamespace AND namespace.nspname = $1
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_class AS index
    WHERE index.relnamespace = own.relnamespace AND index.relname = wanted.name
)
ORDER BY wanted.name
