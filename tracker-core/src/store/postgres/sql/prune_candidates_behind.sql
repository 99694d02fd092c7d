-- The IDs of the first $2 rows from before the time $1 behind the ID $3, in the order of the IDs.
--
-- Where few are left they are found by their time and then sorted, as the index of IDs would be read to its end in search of the last ones. Where they are many, that
-- index has them soon.
WITH found AS MATERIALIZED (
    SELECT action_id
    FROM {schema}.project_actions
    WHERE created_at < $1 AND ($3::text IS NULL OR action_id > $3)
        AND {partitions}
    LIMIT 20 * $2 + 1
), few AS MATERIALIZED (
    SELECT count(*) <= 20 * $2 AS are_all FROM found
), first AS (
    SELECT action_id FROM found WHERE (SELECT are_all FROM few)
    UNION ALL
    (
        SELECT action_id
        FROM {schema}.project_actions
        WHERE created_at < $1 AND ($3::text IS NULL OR action_id > $3)
            AND {partitions}
            AND NOT (SELECT are_all FROM few)
        ORDER BY action_id
        LIMIT $2
    )
)
SELECT action_id::text FROM first ORDER BY action_id LIMIT $2
