-- The process that serves the session, or NULL if plans can't be kept at will.
SELECT CASE WHEN current_setting('plan_cache_mode', true) IS NOT NULL THEN pg_backend_pid() END
