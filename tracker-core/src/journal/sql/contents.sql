-- How many rows wait, when the first of them was recorded, and how many dead letters there are.
SELECT
    (SELECT count(*) FROM activities),
    (SELECT created_at FROM activities ORDER BY seq LIMIT 1),
    (SELECT count(*) FROM dead_letters)
