-- The rows without a time, after the ID :id, or all if that is NULL.
SELECT {columns}
FROM project_actions
WHERE {filter}
    AND typeof(created_at) <> 'integer'
    AND action_id >= coalesce(:id, '') AND action_id IS NOT :id
ORDER BY action_id
LIMIT :limit
