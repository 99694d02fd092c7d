SELECT count(*)
FROM project_actions
WHERE typeof(created_at) = 'integer' AND created_at < ?1
