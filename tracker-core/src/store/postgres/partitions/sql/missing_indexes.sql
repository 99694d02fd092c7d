-- The statements that build the indexes that the table $1 has and a partition of $2 lacks, one for
-- each partition and index. Partitions of at most 1 MiB are left out, because building the index of
-- the parent takes no time for them.
SELECT format('CREATE %sINDEX CONCURRENTLY ON %s %s', CASE WHEN wanted.indisunique THEN 'UNIQUE ' END, leaf.oid::regclass, definition)
FROM pg_catalog.pg_index AS wanted
CROSS JOIN LATERAL (
    SELECT pg_get_indexdef(wanted.indexrelid) AS whole
) AS wanted_text
CROSS JOIN LATERAL (
    SELECT substring(whole FROM position(' USING ' IN whole) + 1) AS definition
) AS wanted_definition
CROSS JOIN pg_catalog.pg_inherits
JOIN pg_catalog.pg_class AS leaf ON leaf.oid = inhrelid
WHERE wanted.indrelid = $1::regclass AND NOT wanted.indisprimary AND wanted.indisvalid
    AND inhparent = $2::regclass
    AND pg_relation_size(leaf.oid) > 1024 * 1024
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_index AS own
        WHERE own.indrelid = leaf.oid AND own.indisvalid
            AND right(pg_get_indexdef(own.indexrelid), length(definition) + 1) = ' ' || definition
    )
ORDER BY leaf.relname, wanted.indexrelid
