-- $1 rows over $2 projects, of which the first has a fifth; one action in ten thousand is rare, and each row has a reference of its own.
INSERT INTO turbobackend.project_actions (
    action_id, project_id, user_id, request_id, action_type,
    action_details, status, environment, reference_ids, created_at
)
SELECT
    'action-' || lpad(n::text, 12, '0'),
    'project_' || CASE WHEN n % 5 = 0 THEN 0 ELSE n / 5 % $2::bigint END,
    'user_' || n % 97,
    'req_' || md5((n / 20)::text),
    CASE
        WHEN n % 10000 = 0 THEN 'project_created'
        ELSE (ARRAY['deployment', 'github_push', 'queries_executed', 'endpoints_added'])[1 + n % 4]
    END,
    'deployed number ' || n || ' to https://project-' || n % $2::bigint || '.example.org',
    CASE WHEN n % 50 = 3 THEN 'failure' ELSE 'success' END,
    CASE WHEN n % 3 = 0 THEN 'development' ELSE 'production' END,
    jsonb_build_object('deployment_id', 'deploy_' || n, 'container_session_id', 'session_' || n / 100),
    -- The last hundred minutes.
    floor(extract(epoch FROM now()) * 1000)::bigint - 6 * ($1 - n)
FROM generate_series(1, $1::bigint) AS n
