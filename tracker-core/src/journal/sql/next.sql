-- The first rows after row number ?1 and up to ?2, at most ?3.
SELECT
    action_id, project_id, user_id, request_id, action_type,
    action_details, status, environment, reference_ids, created_at, seq
FROM activities
WHERE seq > ?1 AND seq <= ?2
ORDER BY seq
LIMIT ?3
