-- Extends the lease of the holder $2 on the lock $1 to $3 seconds from now, unless another holder
-- has taken it.
UPDATE {schema}.tracker_locks
SET expires_at = clock_timestamp() + $3::bigint * INTERVAL '1 second'
WHERE name = $1 AND holder = $2
