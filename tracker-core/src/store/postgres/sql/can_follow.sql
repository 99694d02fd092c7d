-- Fails where the server does not tell which transaction wrote a row, or which are under way. Reads no row.
SELECT project_actions.xmin::text::bigint, pg_snapshot_xmin(pg_current_snapshot())::text::bigint
FROM {schema}.project_actions
LIMIT 0
