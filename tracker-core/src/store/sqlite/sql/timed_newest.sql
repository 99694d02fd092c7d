-- The rows with times from :from to :last, after the time :time and the ID :id.
SELECT {columns}
FROM project_actions
WHERE {filter}
    AND typeof(created_at) = 'integer'
    AND created_at >= :from AND created_at <= :last
    -- The plus keeps this condition from the index: of the two, SQLite would use only this one.
    AND (+created_at, action_id) < (:time, :id)
ORDER BY created_at DESC, action_id DESC
LIMIT :limit
