-- The rows are not grouped, because grouping the few rows takes the server longer than reading
-- them.
SELECT first_id, end_id, created_first, created_last, untimed
FROM {schema}.project_actions_partitions
WHERE first_id IS NOT NULL
