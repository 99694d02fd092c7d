-- The rows of the projects ?1, an array, with numbers from ?2 and before ?3, and times from ?4; at
-- most ?5.
SELECT {columns}, rowid
FROM project_actions
WHERE rowid >= ?2 AND rowid < ?3
    AND typeof(action_id) = 'text'
    AND typeof(created_at) = 'integer'
    AND created_at >= ?4
    AND project_id IN (SELECT value FROM json_each(?1))
ORDER BY rowid
LIMIT ?5
