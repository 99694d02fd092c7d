-- The statements that build the indexes that the table $1 has and the partitioned table $2 lacks.
-- They adopt the partitions' indexes. Their names are unique, and short even if the original names
-- are long.
SELECT format(
    'CREATE %sINDEX %I ON %s %s', CASE WHEN wanted.indisunique THEN 'UNIQUE ' END, 'project_actions_partitioned_' || wanted.indexrelid, $2::regclass, definition
)
FROM pg_catalog.pg_index AS wanted
CROSS JOIN LATERAL (
    SELECT pg_get_indexdef(wanted.indexrelid) AS whole
) AS wanted_text
CROSS JOIN LATERAL (
    SELECT substring(whole FROM position(' USING ' IN whole) + 1) AS definition
) AS wanted_definition
WHERE wanted.indrelid = $1::regclass AND NOT wanted.indisprimary AND wanted.indisvalid
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_index AS own
        JOIN pg_catalog.pg_class AS own_class ON own_class.oid = own.indexrelid
        WHERE own.indrelid = $2::regclass AND own_class.relname = 'project_actions_partitioned_' || wanted.indexrelid
    )
ORDER BY wanted.indexrelid
