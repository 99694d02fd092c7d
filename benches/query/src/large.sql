-- The rows $3 to $4 of $2 of the project $1, over the last hundred minutes.
INSERT INTO turbobackend.project_actions (
    action_id, project_id, user_id, request_id, action_type,
    action_details, status, environment, reference_ids, created_at
)
SELECT
    'large-' || lpad(n::text, 12, '0'),
    $1::text,
    'user_' || n % 97,
    'req_' || md5((n / 20)::text),
    (ARRAY['deployment', 'github_push', 'queries_executed', 'endpoints_added'])[1 + n % 4],
    'deployed number ' || n || ' to https://large.example.org',
    CASE WHEN n % 50 = 3 THEN 'failure' ELSE 'success' END,
    CASE WHEN n % 3 = 0 THEN 'development' ELSE 'production' END,
    jsonb_build_object('deployment_id', 'deploy_large_' || n),
    floor(extract(epoch FROM now()) * 1000)::bigint - 6000000 * ($2::bigint - n) / $2::bigint
FROM generate_series($3::bigint, $4::bigint) AS n
