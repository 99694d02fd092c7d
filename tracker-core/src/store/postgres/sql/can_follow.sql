-- Fails if the server does not tell the transaction that wrote a row, or the running ones. Reads no
-- row.
SELECT project_actions.xmin::text::bigint, pg_snapshot_xmin(pg_current_snapshot())::text::bigint
FROM {schema}.project_actions
LIMIT 0
