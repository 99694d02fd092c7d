-- Identifies the session among those of the current servers. An engine without such numbers returns
-- 0 or less.
SELECT CASE WHEN pg_backend_pid() > 0 THEN pg_backend_pid()::text || ' since ' || pg_postmaster_start_time()::text END
