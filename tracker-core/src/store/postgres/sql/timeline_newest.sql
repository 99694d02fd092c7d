-- At most $12 rows after the first $13: if $14, rows with a time, after the time $15 and the ID
-- $16; then, if $17, rows without a time, after the ID $18. Each part is read from an index, from
-- its starting point and only up to the limit, so the final sort is of two pages at most. The index
-- has the seconds of the times in order, and the rows of each second are sorted when it is read.
(
    SELECT {columns}
    FROM {schema}.project_actions
    WHERE {project}
        AND {filter}
        AND $14
        AND {partitions}
        AND {second} IS NOT NULL
        AND ($16::text IS NULL OR ({second}, created_at, action_id) < ($15 >> {shift}, $15, $16))
    ORDER BY {second} DESC, created_at DESC, action_id DESC
    LIMIT $12::bigint + $13::bigint
)
UNION ALL
(
    SELECT {columns}
    FROM {schema}.project_actions
    WHERE {project}
        AND {filter}
        AND $17 AND $9::bigint IS NULL AND $10::bigint IS NULL
        AND {untimed_partitions}
        AND {second} IS NULL
        AND created_at IS NULL
        AND ($18::text IS NULL OR action_id < $18)
    -- Rows of a request come off its index, and others off that of rows without a time.
    ORDER BY CASE WHEN $5::text IS NOT NULL THEN {second} END DESC, action_id DESC
    LIMIT $12::bigint + $13::bigint
)
ORDER BY created_at DESC NULLS LAST, action_id DESC
LIMIT $12
OFFSET $13
