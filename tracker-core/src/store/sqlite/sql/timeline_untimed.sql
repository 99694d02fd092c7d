-- The rows of project ?1 that have no time, behind the ID ?2.
SELECT
    action_id, project_id, user_id, request_id, action_type,
    action_details, status, environment,
    iif(json_valid(reference_ids, 8), json(reference_ids), reference_ids),
    NULL
FROM project_actions
WHERE project_id = ?1
    AND typeof(created_at) <> 'integer'
    AND typeof(action_id) = 'text'
    AND action_id < ?2
ORDER BY action_id DESC
LIMIT ?3
