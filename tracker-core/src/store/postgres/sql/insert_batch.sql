-- There is no conflict target, because naming one would need the SELECT privilege.
INSERT INTO {schema}.project_actions (
    action_id, project_id, user_id, request_id, action_type,
    action_details, status, environment, reference_ids, created_at
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
    $6::text[], $7::text[], $8::text[], $9::jsonb[], $10::bigint[]
)
ON CONFLICT DO NOTHING
