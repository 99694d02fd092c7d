-- The number of rows, and the first and the last row number.
SELECT count(*), coalesce(min(seq), 0), coalesce(max(seq), 0) FROM activities
