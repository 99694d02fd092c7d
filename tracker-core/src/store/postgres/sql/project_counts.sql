-- Each project in $1, a JSON list, with its rows since the time $2: the newest time, the number, of
-- which one more than $3 is counted, and the number of failures among the newest $3.
SELECT wanted.project_id, counted.*
FROM json_array_elements_text($1::json) AS wanted (project_id)
CROSS JOIN LATERAL (
    SELECT
        max(created_at),
        count(*),
        count(*) FILTER (WHERE status IN ('failure', 'panicked', 'cancelled') AND place <= $3)
    FROM (
        SELECT
            created_at, status,
            row_number() OVER (ORDER BY {second} DESC, created_at DESC, action_id DESC) AS place
        FROM {schema}.project_actions
        WHERE {project_id} = wanted.project_id
            AND ({second}, created_at) >= ($2 >> {shift}, $2)
            AND {partitions}
        ORDER BY {second} DESC, created_at DESC, action_id DESC
        -- A plan that knew the limit would read and sort all rows of a project that has more of them
        -- than most have.
        LIMIT (SELECT $3::bigint + 1)
    ) AS newest
) AS counted
