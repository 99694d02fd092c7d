-- Whether the server can have the rows of a table on others, as Citus does.
SELECT to_regclass('pg_dist_partition') IS NOT NULL
