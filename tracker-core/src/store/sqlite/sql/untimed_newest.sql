-- The rows that have no time, behind the ID :id.
SELECT {columns}
FROM project_actions
WHERE {filter}
    AND typeof(created_at) <> 'integer'
    AND action_id < :id
ORDER BY action_id DESC
LIMIT :limit
