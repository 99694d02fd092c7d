-- Replaces insert_batch.sql on engines that can't turn arrays into rows. The placeholder is filled
-- with a list of ten parameters for each row.
INSERT INTO {schema}.project_actions (
    action_id, project_id, user_id, request_id, action_type,
    action_details, status, environment, reference_ids, created_at
)
VALUES {rows}
ON CONFLICT DO NOTHING
