SELECT {columns}
FROM {schema}.project_actions
WHERE action_id = $1 AND project_id = $2
