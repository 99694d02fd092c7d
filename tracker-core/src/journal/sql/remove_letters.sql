-- Removes the ?2 oldest of the dead letters that were stored up to the time ?1.
DELETE FROM dead_letters
WHERE action_id IN (
    SELECT action_id FROM dead_letters WHERE died_at <= ?1 ORDER BY died_at, action_id LIMIT ?2
)
