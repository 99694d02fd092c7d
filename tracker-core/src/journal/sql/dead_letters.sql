-- The oldest dead letters, at most ?1, the oldest first.
SELECT
    action_id, project_id, user_id, request_id, action_type,
    action_details, status, environment, reference_ids, created_at, reason, died_at
FROM dead_letters
ORDER BY died_at, action_id
LIMIT ?1
