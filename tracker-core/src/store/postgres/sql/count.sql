SELECT count(*)
FROM {schema}.project_actions
WHERE {filter}
    AND {partitions}
