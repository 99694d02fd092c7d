-- How many of the rows of these IDs from before the time $2 are there still.
SELECT count(*)
FROM {schema}.project_actions
WHERE action_id = ANY ($1) AND created_at < $2
