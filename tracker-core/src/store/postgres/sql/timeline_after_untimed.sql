-- From behind a row without a time: only such rows are left. They are equal in `created_at`, which is named in the
-- order because the index is known to be sorted by both.
SELECT
    action_id::text, project_id::text, user_id::text, request_id::text, action_type::text,
    action_details::text, status::text, environment::text, reference_ids::text, created_at
FROM {schema}.project_actions
WHERE project_id = $1 AND created_at IS NULL AND action_id < $3
ORDER BY created_at DESC, action_id DESC
LIMIT $2
