DELETE FROM dead_letters WHERE action_id = ?1 AND died_at <= ?2
