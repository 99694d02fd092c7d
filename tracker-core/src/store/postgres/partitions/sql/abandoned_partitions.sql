-- The statement that drops at most $2 partitions of the table $1. Each takes locks of its own, and
-- a server has room for some thousand.
SELECT 'DROP TABLE ' || string_agg(inhrelid::regclass::text, ', ')
FROM (SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = to_regclass($1) LIMIT $2) AS partitions
HAVING count(*) > 0
