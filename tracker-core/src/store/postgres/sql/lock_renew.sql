-- Lets the holder $2 have the lock $1 for $3 seconds from now, unless somebody else has it.
UPDATE {schema}.tracker_locks
SET expires_at = clock_timestamp() + $3::bigint * INTERVAL '1 second'
WHERE name = $1 AND holder = $2
