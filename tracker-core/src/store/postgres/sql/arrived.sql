-- The first transaction that may still be under way: rows of all before it are seen, or never will be.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint
