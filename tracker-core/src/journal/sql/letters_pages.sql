-- How many pages the table and its index have: `pageno` is their number where they are summed up.
SELECT coalesce(sum(pageno), 0)
FROM dbstat
WHERE aggregate AND name IN (SELECT name FROM sqlite_schema WHERE tbl_name = 'dead_letters')
