-- The IDs of the first $2 rows older than the time $1 after the ID $3, in the order of the IDs.
--
-- Few remaining rows are found by their time and then sorted, because the index of IDs would be
-- read to its end in search of the last ones. Many remaining rows are found soon by the index of
-- IDs.
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
