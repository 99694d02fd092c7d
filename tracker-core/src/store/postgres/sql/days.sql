-- How many rows there are of each day and action type, where clocks are $12 milliseconds ahead of UTC.
SELECT floor((created_at::numeric + $12::bigint) / 86400000)::bigint AS day, action_type::text, count(*)
FROM {schema}.project_actions
WHERE {filter}
    AND {partitions}
    AND created_at IS NOT NULL
GROUP BY day, action_type
ORDER BY day, action_type NULLS FIRST
LIMIT $13
