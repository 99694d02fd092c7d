-- At most $2 IDs of projects, after the ID $1. Each is one step in the index, however many rows the
-- project has.
WITH RECURSIVE project (project_id) AS (
    (
        SELECT project_id
        FROM {schema}.project_actions
        WHERE {project_id} > coalesce($1::text, '') AND {partitions}
        ORDER BY {project_id}
        LIMIT 1
    )
    UNION ALL
    SELECT next.project_id
    FROM project
    CROSS JOIN LATERAL (
        SELECT project_id
        FROM {schema}.project_actions
        WHERE {project_id} > project.project_id AND {partitions}
        ORDER BY {project_id}
        LIMIT 1
    ) AS next
)
SELECT project_id::text
FROM project
LIMIT $2
