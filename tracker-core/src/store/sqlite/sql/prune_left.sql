-- The number of rows with numbers from ?2 to ?3 older than the time ?1 that still exist.
SELECT count(*) FROM project_actions
WHERE rowid BETWEEN ?2 AND ?3 AND typeof(created_at) = 'integer' AND created_at < ?1
