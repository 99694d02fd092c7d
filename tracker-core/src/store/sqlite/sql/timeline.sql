-- The rows of project ?1 that have a time, behind the time ?2 and the ID ?3.
SELECT
    action_id, project_id, user_id, request_id, action_type,
    action_details, status, environment,
    iif(json_valid(reference_ids, 8), json(reference_ids), reference_ids),
    created_at
FROM project_actions
WHERE project_id = ?1
    AND typeof(created_at) = 'integer'
    AND typeof(action_id) = 'text'
    AND (created_at, action_id) < (?2, ?3)
ORDER BY created_at DESC, action_id DESC
LIMIT ?4
