-- The statements that build the index $1 with the definition $2 on each partition of the table in
-- the current schema, without blocking writers. The remains of an interrupted build are dropped
-- first. No row if the table is not partitioned; no statements if it has the index.
SELECT ARRAY(
    SELECT statement
    FROM pg_catalog.pg_inherits
    JOIN pg_catalog.pg_class AS partition ON partition.oid = inhrelid AND partition.relkind = 'r'
    CROSS JOIN LATERAL (SELECT $1 || '_' || partition.oid AS name) AS own_index
    CROSS JOIN LATERAL (
        SELECT 1 AS step, format('DROP INDEX CONCURRENTLY IF EXISTS %s', indexrelid::regclass) AS statement
        FROM pg_catalog.pg_index
        JOIN pg_catalog.pg_class AS remains ON remains.oid = indexrelid
        WHERE indrelid = partition.oid AND NOT indisvalid AND remains.relname = own_index.name
        UNION ALL
        SELECT 2, format('CREATE INDEX CONCURRENTLY IF NOT EXISTS %I ON %s %s', own_index.name, partition.oid::regclass, $2)
    ) AS statements
    WHERE inhparent = own.oid
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_class AS built
            WHERE built.relnamespace = own.relnamespace AND built.relname = $1
        )
    ORDER BY partition.relname, step
)
FROM pg_catalog.pg_class AS own
WHERE own.oid = to_regclass('project_actions') AND own.relkind = 'p'
