-- The rows without a time, after the ID :id.
SELECT {columns}
FROM project_actions
WHERE {filter}
    AND typeof(created_at) <> 'integer'
    AND action_id < :id
ORDER BY action_id DESC
LIMIT :limit
