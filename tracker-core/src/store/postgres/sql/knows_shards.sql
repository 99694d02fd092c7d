-- True if the server can keep the rows of a table on other servers, as Citus does.
SELECT to_regclass('pg_dist_partition') IS NOT NULL
