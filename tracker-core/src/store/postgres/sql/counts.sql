-- The number of rows of each bucket and action type, apart for failures and for rows that came no
-- later than a place. A bucket is the start of an hour if $14, else a day; it is NULL for rows
-- without a time.
--
-- $13 has the offsets from UTC in milliseconds: the first holds before the first time in $12, and
-- each further one from the next time in $12.
SELECT
    CASE
        WHEN $14::boolean THEN greatest(
            -- The remainder is of the local time; both summands may be negative.
            greatest(created_at, -9223372036851175808) - (
                created_at % 3600000
                + ($13::bigint[])[width_bucket(created_at, $12::bigint[]) + 1] % 3600000
                + 7200000
            ) % 3600000,
            ($12::bigint[])[width_bucket(created_at, $12::bigint[])]
        )
        ELSE floor((created_at::numeric + ($13::bigint[])[width_bucket(created_at, $12::bigint[]) + 1]) / 86400000)::bigint
    END AS bucket,
    action_type::text,
    coalesce(status IN ('failure', 'panicked', 'cancelled'), FALSE) AS has_failed,
    {before} AS is_before,
    count(*)
FROM {schema}.project_actions
WHERE {project}
    AND {filter}
    AND {partitions}
GROUP BY bucket, action_type, has_failed, is_before
ORDER BY bucket NULLS FIRST, action_type NULLS FIRST
LIMIT $15
