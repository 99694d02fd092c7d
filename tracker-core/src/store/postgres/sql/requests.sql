-- The newest rows of each of the requests $12, the newest first, with the number of the request.
SELECT {columns}, number
FROM (
    SELECT project_actions.*, request.number
    FROM unnest($12::text[]) WITH ORDINALITY AS request (id, number)
    CROSS JOIN LATERAL (
        {steps}
    ) AS project_actions
) AS project_actions
ORDER BY number, created_at DESC NULLS LAST, action_id DESC
