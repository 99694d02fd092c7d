-- How many of them are there still.
SELECT count(*) FROM project_actions
WHERE rowid BETWEEN ?2 AND ?3 AND typeof(created_at) = 'integer' AND created_at < ?1
