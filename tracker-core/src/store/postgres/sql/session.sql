-- Which session this is, of all that the servers of these moments have. Engines without such numbers say 0 or less.
SELECT CASE WHEN pg_backend_pid() > 0 THEN pg_backend_pid()::text || ' since ' || pg_postmaster_start_time()::text END
