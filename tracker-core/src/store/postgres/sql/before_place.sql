    -- Whether a row came no later than the place of transaction $16, time $17 and ID $18. No place
    -- comes after a row without a time. A row has only the lower 32 bits of its transaction's
    -- number, which serve to tell how far it is from the next transaction. The subqueries are run
    -- once, not for each row.
    coalesce(
        created_at IS NULL
        OR (
            (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
            - project_actions.xmin::text::bigint
        ) & 4294967295
        > (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint) - $16
        OR (
            (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
            - project_actions.xmin::text::bigint
        ) & 4294967295
        = (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint) - $16
        AND (created_at, action_id) <= ($17, $18),
        FALSE
    )
