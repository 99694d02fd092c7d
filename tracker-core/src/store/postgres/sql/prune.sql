-- Deletes the rows of the IDs $1 that are older than the time $2.
DELETE FROM {schema}.project_actions
WHERE action_id = ANY ($1) AND created_at < $2
