-- The IDs of at most $2 rows older than the time $1, whichever are found first.
--
-- A NULL ID, which a table without partitions may allow, names no row. The condition is not
-- `action_id IS NOT NULL`, because beside ranges of IDs that makes Postgres (seen with 15.18) skip
-- the default partition.
SELECT action_id::text
FROM {schema}.project_actions
WHERE created_at < $1 AND action_id || '' IS NOT NULL
    AND {partitions}
LIMIT $2
