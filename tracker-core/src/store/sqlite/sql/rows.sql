-- Rows of any project, behind the ID ?1, at most ?2.
SELECT {columns}
FROM project_actions
WHERE typeof(action_id) = 'text' AND (?1 IS NULL OR action_id > ?1)
ORDER BY action_id
LIMIT ?2
