SELECT first_id, end_id, min(created_first), max(created_last), bool_or(untimed)
FROM {schema}.project_actions_partitions
WHERE first_id IS NOT NULL
GROUP BY first_id, end_id
