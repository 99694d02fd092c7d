-- The number of partitions whose rows are all older than the time $1 and whose period has ended.
SELECT count(*)
FROM (
    SELECT FROM {schema}.project_actions_partitions
    WHERE end_id <= {schema}.project_actions_first_id(statement_timestamp())
    GROUP BY name
    HAVING max(created_last) < $1 AND NOT bool_or(untimed)
) AS held
