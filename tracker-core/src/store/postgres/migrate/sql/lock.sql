-- Never the waiting kind: CREATE INDEX CONCURRENTLY waits for every session that waits for a lock, so the session that
-- builds and the one that waits for it would block each other.
SELECT pg_try_advisory_lock(hashtextextended('tracker_schema_history of ' || $1, 0))
