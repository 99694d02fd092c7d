-- What drops partitions of the table $1, at most $2 of them: each takes locks of its own, of which a server has room for some thousand.
SELECT 'DROP TABLE ' || string_agg(inhrelid::regclass::text, ', ')
FROM (SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = to_regclass($1) LIMIT $2) AS partitions
HAVING count(*) > 0
