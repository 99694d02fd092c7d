-- The last row, and its number.
SELECT {columns}, rowid
FROM project_actions
WHERE typeof(action_id) = 'text'
ORDER BY rowid DESC
LIMIT 1
