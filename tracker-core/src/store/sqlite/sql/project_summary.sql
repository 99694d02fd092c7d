-- The summary of the project :project_id: the newest time, and of the rows since :created_after the
-- number, of which one more than :limit is counted, and the number of failures among the newest
-- :limit. The first column is false if the project has no row.
SELECT
    EXISTS (
        SELECT 1
        FROM project_actions
        WHERE project_id = :project_id AND typeof(action_id) = 'text'
    ),
    (
        SELECT created_at
        FROM project_actions
        WHERE project_id = :project_id
            AND typeof(action_id) = 'text'
            AND typeof(created_at) = 'integer'
            AND created_at <= 9223372036854775807
        ORDER BY created_at DESC, action_id DESC
        LIMIT 1
    ),
    count(*),
    count(*) FILTER (WHERE status IN ('failure', 'panicked', 'cancelled') AND place <= :limit)
FROM (
    SELECT status, row_number() OVER (ORDER BY created_at DESC, action_id DESC) AS place
    FROM project_actions
    WHERE project_id = :project_id
        AND typeof(action_id) = 'text'
        AND typeof(created_at) = 'integer'
        AND created_at >= :created_after AND created_at <= 9223372036854775807
    ORDER BY created_at DESC, action_id DESC
    LIMIT :limit + 1
)
