DELETE FROM activities WHERE seq <= ?1
