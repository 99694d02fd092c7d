-- Removes the rows from before the time ?1 with numbers from ?2 to ?3.
DELETE FROM project_actions
WHERE rowid BETWEEN ?2 AND ?3 AND typeof(created_at) = 'integer' AND created_at < ?1
