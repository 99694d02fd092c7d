-- The IDs of at most $2 rows from before the time $1, of those that are found soonest.
--
-- An ID that is NULL, which the table may allow as long as it is not in partitions, names no row. It is not asked for as `action_id IS NOT NULL`: beside ranges of the IDs
-- that makes Postgres (seen with 15.18) pass over the default partition.
SELECT action_id::text
FROM {schema}.project_actions
WHERE created_at < $1 AND action_id || '' IS NOT NULL
    AND {partitions}
LIMIT $2
