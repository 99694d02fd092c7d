-- The rows that have no time, behind the ID :id, or all where that is NULL.
SELECT {columns}
FROM project_actions
WHERE {filter}
    AND typeof(created_at) <> 'integer'
    AND action_id >= coalesce(:id, '') AND action_id IS NOT :id
ORDER BY action_id
LIMIT :limit
