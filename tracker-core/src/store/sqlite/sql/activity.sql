SELECT {columns}
FROM project_actions
WHERE action_id = ?1 AND typeof(action_id) = 'text' AND project_id = ?2
