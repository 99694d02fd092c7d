-- How many rows there are of each day and action type in :spans, a JSON list of stretches of time
-- in which clocks are the same: from `first` to `last` they are `ahead` milliseconds ahead of UTC.
-- Times at the ends of what a number can tell, beyond `least` and `most`, count for these.
--
-- Each stretch is a range of the index of the timeline; CROSS JOIN has SQLite begin with them, and
-- they are read once, not for each row.
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
