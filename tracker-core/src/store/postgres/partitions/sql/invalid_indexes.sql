-- The remains of interrupted index builds on partitions of $1.
SELECT indexrelid::regclass::text
FROM pg_catalog.pg_inherits
JOIN pg_catalog.pg_index ON indrelid = inhrelid
WHERE inhparent = $1::regclass AND NOT indisvalid
