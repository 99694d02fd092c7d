-- Only a row with a stored ID is skipped; a conflict on anything else is an error.
INSERT INTO project_actions (
    action_id, project_id, user_id, request_id, action_type,
    action_details, status, environment, reference_ids, created_at
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (action_id) DO NOTHING
