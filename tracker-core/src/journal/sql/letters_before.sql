-- The oldest dead letters that were stored up to the time ?1, at most ?2.
SELECT
    action_id, project_id, user_id, request_id, action_type,
    action_details, status, environment, reference_ids, created_at
FROM dead_letters
WHERE died_at <= ?1
ORDER BY died_at, action_id
LIMIT ?2
