-- How many rows there are of each day and action type. Clocks are ahead of UTC by the first of the
-- milliseconds in $13 before the first of the times in $12, and by the next one from each of these
-- on.
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
