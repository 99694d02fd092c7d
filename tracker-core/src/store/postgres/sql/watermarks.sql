-- The first transaction that may still be under way: rows of all before it are seen, or never will be. And the next one that begins. And whose
-- numbers these are, in the schema $1.
SELECT
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
    {numbering}
