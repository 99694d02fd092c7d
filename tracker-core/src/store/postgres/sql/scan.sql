-- Rows of any project, after the ID $1, at most $2.
SELECT {columns}
FROM {schema}.project_actions
WHERE ($1::text IS NULL OR action_id > $1)
    AND {partitions}
ORDER BY action_id
LIMIT $2
