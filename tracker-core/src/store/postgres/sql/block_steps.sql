-- The newest 101 rows of a request at or below the top: rows with a time, unless the top has none;
-- then rows without a time. Each part is read from an index, and only up to the limit.
        (
            SELECT *
            FROM {schema}.project_actions
            WHERE {filter}
                AND {is_top_timed}
                AND {partitions}
                AND {request_of_step}
                AND {second} IS NOT NULL
                AND (
                    {top_id}::text IS NULL
                    OR ({second}, created_at, action_id) <= ({top_time} >> {shift}, {top_time}, {top_id})
                )
            ORDER BY {second} DESC, created_at DESC, action_id DESC
            LIMIT 101
        )
        UNION ALL
        (
            SELECT *
            FROM {schema}.project_actions
            WHERE {filter}
                AND {partitions}
                AND {request_of_step}
                AND $9::bigint IS NULL AND $10::bigint IS NULL
                AND {second} IS NULL
                AND created_at IS NULL
                AND ({untimed_top_id}::text IS NULL OR action_id <= {untimed_top_id})
            ORDER BY {second} DESC, created_at DESC, action_id DESC
            LIMIT 101
        )
        ORDER BY created_at DESC NULLS LAST, action_id DESC
        LIMIT 101
