-- The ID of the last row, and its number.
SELECT action_id, rowid
FROM project_actions
WHERE typeof(action_id) = 'text'
ORDER BY rowid DESC
LIMIT 1
