-- The rows behind the row ?1 and no further than ?2.
SELECT seq, action_id FROM activities WHERE seq > ?1 AND seq <= ?2
