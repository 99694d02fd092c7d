-- The number of rows of each bucket and action type, of these the number of failures, and the same
-- of the rows with numbers before :end. A bucket is the start of an hour if :by_hour, else a day;
-- it is NULL for rows without a time, which are counted if :has_untimed.
--
-- :spans is a JSON list of time spans with a constant offset: from `first` to `last`, local time is
-- `ahead` milliseconds ahead of UTC, as it has been since `since`. Times beyond `least` and `most`,
-- the limits within which the sum does not overflow, count as these limits.
--
-- Each span is a range of the timeline's index. CROSS JOIN makes SQLite begin with the spans, which
-- are read once, not for each row.
WITH span AS MATERIALIZED (
    SELECT
        value ->> 'since' AS since,
        value ->> 'first' AS first,
        value ->> 'last' AS last,
        value ->> 'ahead' AS ahead,
        value ->> 'least' AS least,
        value ->> 'most' AS most
    FROM json_each(:spans)
)
SELECT
    bucket,
    action_type,
    count(*),
    count(*) FILTER (WHERE has_failed),
    count(*) FILTER (WHERE is_before),
    count(*) FILTER (WHERE is_before AND has_failed)
FROM (
    SELECT
        iif(
            :by_hour,
            -- The remainder is of the local time; both summands may be negative.
            max(
                since,
                max(created_at, -9223372036851175808)
                    - (created_at % 3600000 + ahead % 3600000 + 7200000) % 3600000
            ),
            ms / 86400000 - (ms % 86400000 < 0)
        ) AS bucket,
        action_type,
        has_failed,
        is_before
    FROM (
        SELECT
            max(least, min(most, created_at)) + ahead AS ms,
            created_at,
            ahead,
            since,
            action_type,
            status IN ('failure', 'panicked', 'cancelled') AS has_failed,
            :end IS NULL OR project_actions.rowid < :end AS is_before
        FROM span
        CROSS JOIN project_actions
        WHERE {filter}
            AND typeof(created_at) = 'integer'
            AND created_at >= first AND created_at <= last
    )
    UNION ALL
    SELECT NULL, action_type, status IN ('failure', 'panicked', 'cancelled'), TRUE
    FROM project_actions
    WHERE {filter}
        AND :has_untimed
        AND typeof(created_at) <> 'integer'
)
GROUP BY bucket, action_type
ORDER BY bucket, action_type
LIMIT :limit
