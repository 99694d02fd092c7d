-- The indexes that the table $1 no longer has since a conversion built them for the partitioned
-- table $2: those of the partitioned table, with the partitions' own, and those of a partition that
-- none has adopted yet.
WITH wanted AS (
    SELECT indexrelid, substring(whole FROM position(' USING ' IN whole)) AS definition
    FROM pg_catalog.pg_index
    CROSS JOIN LATERAL (SELECT pg_get_indexdef(indexrelid) AS whole) AS wanted_text
    WHERE indrelid = $1::regclass
)
SELECT own.indexrelid::regclass::text
FROM pg_catalog.pg_index AS own
JOIN pg_catalog.pg_class AS own_class ON own_class.oid = own.indexrelid
WHERE NOT own.indisprimary
    AND (own.indrelid = $2::regclass OR own.indrelid IN (SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = $2::regclass))
    AND NOT own_class.relispartition
    AND NOT EXISTS (
        SELECT FROM wanted
        WHERE right(pg_get_indexdef(own.indexrelid), length(definition)) = definition
    )
