-- The number of rows of the IDs $1 older than the time $2 that still exist.
SELECT count(*)
FROM {schema}.project_actions
WHERE action_id = ANY ($1) AND created_at < $2
