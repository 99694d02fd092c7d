-- How many rows there are, and the first and the last number.
SELECT count(*), coalesce(min(seq), 0), coalesce(max(seq), 0) FROM activities
