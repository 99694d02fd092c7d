-- The number of queued rows, the time at which the first was recorded, and the number of dead
-- letters.
SELECT
    (SELECT count(*) FROM activities),
    (SELECT created_at FROM activities ORDER BY seq LIMIT 1),
    (SELECT count(*) FROM dead_letters)
