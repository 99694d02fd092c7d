-- At most $12 rows after the first $13: if $14, rows with a time, after the time $15 and the ID
-- $16; then, if $17, rows without a time, after the ID $18. Each part is read from an index, from
-- its starting point and only up to the limit, so the final sort is of two pages at most.
(
    SELECT {columns}
    FROM {schema}.project_actions
    WHERE {filter}
        AND $14
        AND {partitions}
        AND created_at IS NOT NULL
        AND ($16::text IS NULL OR (created_at, action_id) < ($15, $16))
    ORDER BY created_at DESC, action_id DESC
    LIMIT $12::bigint + $13::bigint
)
UNION ALL
(
    SELECT {columns}
    FROM {schema}.project_actions
    WHERE {filter}
        AND $17
        AND {untimed_partitions}
        AND created_at IS NULL
        AND ($18::text IS NULL OR action_id < $18)
    -- The rows are equal in `created_at`, which is named because the index is known to be sorted by
    -- both.
    ORDER BY created_at DESC, action_id DESC
    LIMIT $12::bigint + $13::bigint
)
ORDER BY created_at DESC NULLS LAST, action_id DESC
LIMIT $12
OFFSET $13
