-- The values to compare a place with: the identity of the numbering in the schema $1, the next
-- number, whether the server is a standby, which may lag behind the server that issued the place,
-- and the transaction of the row with the ID $2, numbered as in arrivals.sql.
SELECT
    {numbering},
    transactions.next,
    pg_is_in_recovery(),
    (
        SELECT
            project_actions.xmin::text::bigint + (
                CASE
                    WHEN project_actions.xmin::text::bigint < next & 4294967295 THEN next >> 32
                    ELSE (next >> 32) - 1
                END << 32
            )
        FROM {schema}.project_actions
        WHERE action_id = $2
    )
FROM (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) AS transactions
