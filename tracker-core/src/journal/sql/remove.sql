DELETE FROM activities WHERE seq > ?1 AND seq < ?2
