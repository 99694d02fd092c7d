DELETE FROM {schema}.tracker_locks
WHERE name = $1 AND holder = $2
