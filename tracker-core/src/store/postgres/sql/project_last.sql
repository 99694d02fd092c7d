-- Each project in $1, a JSON list, that has a row, with the newest time.
SELECT wanted.project_id, newest.created_at
FROM json_array_elements_text($1::json) AS wanted (project_id)
CROSS JOIN LATERAL (
    SELECT action_id
    FROM {schema}.project_actions
    WHERE {project_id} = wanted.project_id AND {partitions}
    -- Without the order of the index, a plan may look for a project in the whole table.
    ORDER BY {second} DESC
    LIMIT 1
) AS first
LEFT JOIN LATERAL (
    SELECT created_at
    FROM {schema}.project_actions
    WHERE {project_id} = wanted.project_id AND {second} IS NOT NULL AND {partitions}
    ORDER BY {second} DESC, created_at DESC
    LIMIT 1
) AS newest ON true
