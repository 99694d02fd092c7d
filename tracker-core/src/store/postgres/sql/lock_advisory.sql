-- Whether the session has got the lock $1; NULL where that would mean nothing: CockroachDB answers true to everybody.
--
-- Never the waiting kind: CREATE INDEX CONCURRENTLY waits for every session that waits for a lock, so the session that
-- builds and the one that waits for it would block each other.
SELECT CASE
    WHEN version() LIKE '%CockroachDB%' THEN NULL
    ELSE pg_try_advisory_lock(hashtextextended($1, 0))
END
