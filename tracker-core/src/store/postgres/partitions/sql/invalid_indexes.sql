-- The indexes of partitions of $1 that an interrupted build left behind.
SELECT indexrelid::regclass::text
FROM pg_catalog.pg_inherits
JOIN pg_catalog.pg_index ON indrelid = inhrelid
WHERE inhparent = $1::regclass AND NOT indisvalid
