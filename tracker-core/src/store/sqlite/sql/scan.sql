-- Rows of any project, after the ID ?1, at most ?2.
SELECT {columns}
FROM project_actions
WHERE typeof(action_id) = 'text'
    -- Not `?1 IS NULL OR action_id > ?1`, for which SQLite would read all rows before it.
    AND action_id >= coalesce(?1, '') AND action_id IS NOT ?1
ORDER BY action_id
LIMIT ?2
