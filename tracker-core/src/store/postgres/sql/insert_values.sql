-- As insert_batch.sql, for engines that make no rows of arrays; {rows} are as many lists of ten parameters as there are rows.
INSERT INTO {schema}.project_actions (
    action_id, project_id, user_id, request_id, action_type,
    action_details, status, environment, reference_ids, created_at
)
VALUES {rows}
ON CONFLICT DO NOTHING
