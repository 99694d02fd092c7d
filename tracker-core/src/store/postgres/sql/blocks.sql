-- The rows that a page of blocks walks, and of each request among them the newest row up to the top
-- and the rows below the walk, all of one moment and the newest first. A row may come twice, first
-- as one of the walk.
--
-- The top has the time $19 and the ID $20, or the ID $21 and no time. Without one, the walk begins
-- with the newest row that there is.
WITH walked AS (
    SELECT *
    FROM (
        {timeline}
    ) AS page
    WHERE $20::text IS NULL AND $21::text IS NULL
        OR (created_at, action_id) <= ($19, $20)
        OR created_at IS NULL AND ($21::text IS NULL OR action_id <= $21)
),
lowest AS (
    SELECT created_at, action_id
    FROM walked
    ORDER BY created_at NULLS FIRST, action_id
    LIMIT 1
),
untimed AS (
    -- The order makes the index of the request the one that is read, or else that of rows without a
    -- time.
    SELECT true AS found
    FROM {schema}.project_actions
    WHERE {project}
        AND {filter}
        AND $9::bigint IS NULL AND $10::bigint IS NULL
        AND {second} IS NULL
        AND created_at IS NULL
    ORDER BY CASE WHEN $5::text IS NOT NULL THEN {second} END DESC, action_id DESC
    LIMIT 1
)
SELECT {columns}, false AS is_beyond
FROM walked
UNION ALL
SELECT {columns}, true
FROM (
    SELECT DISTINCT request_id AS id
    FROM walked
    WHERE request_id IS NOT NULL
) AS request
CROSS JOIN LATERAL (
    -- Each part is read from an index, and only up to its limit.
    SELECT *
    FROM (
        SELECT *
        FROM {schema}.project_actions
        WHERE {filter}
            AND {request_of_step}
            AND {second} IS NOT NULL
            AND ({second}, created_at, action_id) <= ($19 >> {shift}, $19, $20)
        ORDER BY {second} DESC, created_at DESC, action_id DESC
        LIMIT 1
    ) AS newest
    WHERE $20::text IS NOT NULL
    UNION ALL
    (
        SELECT *
        FROM {schema}.project_actions
        WHERE {filter}
            AND {request_of_step}
            AND {second} IS NOT NULL
            AND ({second}, created_at, action_id) < (
                (SELECT created_at >> {shift} FROM lowest),
                (SELECT created_at FROM lowest),
                (SELECT action_id FROM lowest)
            )
        ORDER BY {second} DESC, created_at DESC, action_id DESC
        LIMIT 101
    )
    UNION ALL
    (
        SELECT *
        FROM {schema}.project_actions
        WHERE {filter}
            AND (SELECT found FROM untimed)
            AND {request_of_step}
            AND {second} IS NULL
            AND created_at IS NULL
            AND ($21::text IS NULL OR action_id <= $21)
        ORDER BY {second} DESC, created_at DESC, action_id DESC
        LIMIT 101
    )
) AS project_actions
ORDER BY created_at DESC NULLS LAST, action_id DESC, is_beyond
