-- The rows of the projects $1 with times from $2, after the place of transaction $4, time $5 and ID
-- $6, up to that of transaction $3, time $8 and ID $9; at most $7. A place without an ID is before
-- all rows of its transaction.
--
-- A row has only the lower 32 bits of its transaction's number. The number is in the current epoch,
-- or in the previous one if it would be in the future otherwise.
SELECT
    {columns}, arrived
FROM (
    SELECT
        project_actions.*,
        project_actions.xmin::text::bigint + (
            CASE
                WHEN project_actions.xmin::text::bigint < next & 4294967295 THEN next >> 32
                ELSE (next >> 32) - 1
            END << 32
        ) AS arrived
    FROM
        {schema}.project_actions,
        (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) AS transactions
    WHERE {project_id} = ANY ($1) AND ({second}, created_at) >= ($2 >> {shift}, $2)
        AND {partitions}
) AS project_actions
WHERE
    (arrived < $3 OR arrived = $3 AND (created_at, action_id) <= ($8, $9))
    AND (arrived > $4 OR arrived = $4 AND $6::text IS NOT NULL AND (created_at, action_id) > ($5, $6)
        OR arrived = $4 AND $6::text IS NULL)
ORDER BY arrived, created_at, action_id
LIMIT $7
