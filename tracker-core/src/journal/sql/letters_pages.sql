-- The number of pages of the table and its index: in aggregated rows, `pageno` is that number.
SELECT coalesce(sum(pageno), 0)
FROM dbstat
WHERE aggregate AND name IN (SELECT name FROM sqlite_schema WHERE tbl_name = 'dead_letters')
