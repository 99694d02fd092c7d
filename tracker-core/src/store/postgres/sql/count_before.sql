SELECT count(*)
FROM {schema}.project_actions
WHERE created_at < $1
    AND {partitions}
