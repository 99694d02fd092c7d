-- The number of rows of each day and action type. $13 has the offsets from UTC in milliseconds: the
-- first holds before the first time in $12, and each further one from the next time in $12.
SELECT
    floor((created_at::numeric + ($13::bigint[])[width_bucket(created_at, $12::bigint[]) + 1]) / 86400000)::bigint AS day,
    action_type::text,
    count(*)
FROM {schema}.project_actions
WHERE {filter}
    AND {partitions}
    AND created_at IS NOT NULL
GROUP BY day, action_type
ORDER BY day, action_type NULLS FIRST
LIMIT $14
