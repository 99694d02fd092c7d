-- Gives the lock $1 to the holder $2 for $3 seconds, if it is free or its lease has expired. All
-- times are the server's.
INSERT INTO {schema}.tracker_locks AS held (name, holder, expires_at)
VALUES ($1, $2, clock_timestamp() + $3::bigint * INTERVAL '1 second')
ON CONFLICT (name) DO UPDATE
    SET holder = excluded.holder, expires_at = excluded.expires_at
    WHERE held.expires_at < clock_timestamp() OR held.holder = excluded.holder
