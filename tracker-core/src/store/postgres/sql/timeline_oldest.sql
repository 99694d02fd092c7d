-- Mirrors timeline_newest.sql, from the other end.
(
    SELECT {columns}
    FROM {schema}.project_actions
    WHERE {filter}
        AND $14
        AND {partitions}
        AND created_at IS NOT NULL
        AND ($16::text IS NULL OR (created_at, action_id) > ($15, $16))
    ORDER BY created_at, action_id
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
        AND ($18::text IS NULL OR action_id > $18)
    ORDER BY created_at, action_id
    LIMIT $12::bigint + $13::bigint
)
ORDER BY created_at NULLS FIRST, action_id
LIMIT $12
OFFSET $13
