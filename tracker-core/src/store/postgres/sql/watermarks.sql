-- The oldest transaction that may still be running: the rows of all earlier ones are visible, or
-- never will be. Then the next transaction to begin, and the identity of the numbering in the
-- schema $1.
SELECT
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
    {numbering}
