-- At most ?2 IDs of projects, after the ID ?1. Each is one step in the index, however many rows the
-- project has.
WITH RECURSIVE project (id) AS (
    SELECT min(project_id)
    FROM project_actions
    -- A blob is greater than any text.
    WHERE project_id > coalesce(?1, '') AND project_id < x''
    UNION ALL
    SELECT (
        SELECT min(project_id)
        FROM project_actions
        WHERE project_id > project.id AND project_id < x''
    )
    FROM project
    WHERE project.id IS NOT NULL
)
SELECT id
FROM project
WHERE id IS NOT NULL
LIMIT ?2
