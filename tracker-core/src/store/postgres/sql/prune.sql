-- Removes the rows of these IDs that are from before the time $2.
DELETE FROM {schema}.project_actions
WHERE action_id = ANY ($1) AND created_at < $2
