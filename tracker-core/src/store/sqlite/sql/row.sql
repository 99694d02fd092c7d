    action_id, project_id, user_id, request_id, action_type,
    action_details, status, environment,
    iif(json_valid(reference_ids, 8), json(reference_ids), reference_ids),
    iif(typeof(created_at) = 'integer', created_at, NULL)
