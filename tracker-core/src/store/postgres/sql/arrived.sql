-- The first transaction that may still be under way: rows of all before it are seen, or never will be. And the next one that begins.
SELECT
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint
