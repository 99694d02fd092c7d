-- Mirrors timeline_newest.sql, from the other end.
(
    SELECT {columns}
    FROM {schema}.project_actions
    WHERE {project}
        AND {filter}
        AND $14
        AND {partitions}
        AND {second} IS NOT NULL
        AND ($16::text IS NULL OR ({second}, created_at, action_id) > ($15 >> {shift}, $15, $16))
    ORDER BY {second}, created_at, action_id
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
        AND ($18::text IS NULL OR action_id > $18)
    -- Rows of a request come off its index, and others off that of rows without a time.
    ORDER BY CASE WHEN $5::text IS NOT NULL THEN {second} END, action_id
    LIMIT $12::bigint + $13::bigint
)
ORDER BY created_at NULLS FIRST, action_id
LIMIT $12
OFFSET $13
