    action_id::text, project_id::text, user_id::text, request_id::text, action_type::text,
    action_details::text, status::text, environment::text, reference_ids::text, created_at
