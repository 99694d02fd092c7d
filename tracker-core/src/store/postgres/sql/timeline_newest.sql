-- At most $12 + $13 rows, of which the first $13 are passed over: where $14, those with a time, behind the time $15 and the ID $16, then, where $17,
-- those without one, behind the ID $18. Each part is read off an index from where it starts and only as far as the limit, so that the sort at the end is of
-- two pages at most.
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
    -- They are equal in `created_at`, which is named because the index is known to be sorted by both.
    ORDER BY created_at DESC, action_id DESC
    LIMIT $12::bigint + $13::bigint
)
ORDER BY created_at DESC NULLS LAST, action_id DESC
LIMIT $12
OFFSET $13
