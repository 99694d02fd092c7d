-- The number of rows of each day and action type in :spans, a JSON list of time spans with a
-- constant offset: from `first` to `last`, local time is `ahead` milliseconds ahead of UTC. Times
-- beyond `least` and `most`, the limits within which the sum does not overflow, count as these
-- limits.
--
-- Each span is a range of the timeline's index. CROSS JOIN makes SQLite begin with the spans, which
-- are read once, not for each row.
WITH span AS MATERIALIZED (
    SELECT
        value ->> 'first' AS first,
        value ->> 'last' AS last,
        value ->> 'ahead' AS ahead,
        value ->> 'least' AS least,
        value ->> 'most' AS most
    FROM json_each(:spans)
)
SELECT ms / 86400000 - (ms % 86400000 < 0) AS day, action_type, count(*)
FROM (
    SELECT max(least, min(most, created_at)) + ahead AS ms, action_type
    FROM span
    CROSS JOIN project_actions
    WHERE {filter}
        AND typeof(created_at) = 'integer'
        AND created_at >= first AND created_at <= last
)
GROUP BY day, action_type
ORDER BY day, action_type
LIMIT :limit
