-- True if the session has got the lock $1. NULL if that would mean nothing: CockroachDB returns
-- true to every session.
--
-- The waiting function can't be used: CREATE INDEX CONCURRENTLY waits for every session that waits
-- for a lock, so the session that builds and the one that waits for its lock would block each
-- other.
SELECT CASE
    WHEN version() LIKE '%CockroachDB%' THEN NULL
    ELSE pg_try_advisory_lock(hashtextextended($1, 0))
END
