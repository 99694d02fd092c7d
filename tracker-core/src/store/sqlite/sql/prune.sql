-- Removes at most ?2 rows from before the time ?1.
DELETE FROM project_actions
WHERE rowid IN (
    SELECT rowid FROM project_actions WHERE typeof(created_at) = 'integer' AND created_at < ?1 LIMIT ?2
)
