-- The rows after row number ?1 and up to ?2.
SELECT seq, action_id FROM activities WHERE seq > ?1 AND seq <= ?2
