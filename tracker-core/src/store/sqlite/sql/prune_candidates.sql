-- The numbers of at most ?3 rows older than the time ?1, after the number ?2.
SELECT rowid FROM project_actions
WHERE (?2 IS NULL OR rowid > ?2) AND typeof(created_at) = 'integer' AND created_at < ?1
ORDER BY rowid
LIMIT ?3
