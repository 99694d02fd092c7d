-- Removes at most $2 rows from before the time $1.
DELETE FROM {schema}.project_actions
WHERE action_id = ANY (ARRAY(
    SELECT action_id FROM {schema}.project_actions
    WHERE created_at < $1
        AND {partitions}
    LIMIT $2
))
