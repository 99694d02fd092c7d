-- As timeline_first.sql, from behind a row with a time.
(
    SELECT
        action_id::text, project_id::text, user_id::text, request_id::text, action_type::text,
        action_details::text, status::text, environment::text, reference_ids::text, created_at
    FROM {schema}.project_actions
    WHERE project_id = $1 AND (created_at, action_id) < ($3, $4)
    ORDER BY created_at DESC, action_id DESC
    LIMIT $2
)
UNION ALL
(
    SELECT
        action_id::text, project_id::text, user_id::text, request_id::text, action_type::text,
        action_details::text, status::text, environment::text, reference_ids::text, created_at
    FROM {schema}.project_actions
    WHERE project_id = $1 AND created_at IS NULL
    ORDER BY created_at DESC, action_id DESC
    LIMIT $2
)
ORDER BY created_at DESC NULLS LAST, action_id DESC
LIMIT $2
