SELECT count(*)
FROM {schema}.project_actions
WHERE {project}
    AND {filter}
    AND {partitions}
