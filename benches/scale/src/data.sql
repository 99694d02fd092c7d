-- The rows $2 to $3 of $1, from the time $4 on and over $5 milliseconds, in a thousand projects, of which the first has a fifth.
INSERT INTO {schema}.project_actions (
    action_id, project_id, user_id, request_id, action_type,
    action_details, status, environment, reference_ids, created_at
)
SELECT
    overlay(lpad(to_hex(ms), 12, '0') PLACING '-' FROM 9 FOR 0)
        || '-7' || left(md5(n::text), 3) || '-8' || substr(md5(n::text), 4, 3) || '-' || substr(md5(n::text), 7, 12),
    'project_' || CASE WHEN n % 5 = 0 THEN 0 ELSE n / 5 % 1000 END,
    'user_' || n % 97,
    'req_' || md5(n::text),
    (ARRAY['deployment', 'github_push', 'queries_executed', 'endpoints_added'])[1 + n % 4],
    'deployed number ' || n || ' to https://project-' || n % 1000 || '.example.org',
    CASE WHEN n % 50 = 3 THEN 'failure' ELSE 'success' END,
    CASE WHEN n % 3 = 0 THEN 'development' ELSE 'production' END,
    jsonb_build_object('deployment_id', 'deploy_' || n, 'container_session_id', 'session_' || n / 100),
    ms
FROM generate_series($2::bigint, $3::bigint) AS n
CROSS JOIN LATERAL (
    SELECT $4::bigint + n * $5::bigint / $1::bigint AS ms
) AS times
