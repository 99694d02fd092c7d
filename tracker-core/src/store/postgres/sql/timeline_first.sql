-- Rows with a time, then rows without one, each read off the index from where it starts and only as far as the limit,
-- so that the sort at the end is of two pages at most.
(
    SELECT
        action_id::text, project_id::text, user_id::text, request_id::text, action_type::text,
        action_details::text, status::text, environment::text, reference_ids::text, created_at
    FROM {schema}.project_actions
    WHERE project_id = $1 AND created_at IS NOT NULL
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
