SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('tracker_schema_history of ' || $1, 0))
