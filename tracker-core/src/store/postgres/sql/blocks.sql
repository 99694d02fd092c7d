-- The rows that a page of blocks walks, and the newest rows of each request among them, all of one
-- moment. Of either kind, the newest are first.
WITH walked AS (
    {timeline}
)
SELECT {columns}, false AS is_step
FROM walked
UNION ALL
SELECT {columns}, true
FROM (
    SELECT DISTINCT request_id AS id
    FROM walked
    WHERE request_id IS NOT NULL
) AS request
CROSS JOIN LATERAL (
    {steps}
) AS project_actions
ORDER BY is_step, created_at DESC NULLS LAST, action_id DESC
