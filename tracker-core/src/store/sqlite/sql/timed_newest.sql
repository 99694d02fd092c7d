-- The rows with times from :from to :last, behind the time :time and the ID :id.
SELECT {columns}
FROM project_actions
WHERE {filter}
    AND typeof(created_at) = 'integer'
    AND created_at >= :from AND created_at <= :last
    -- The index is used for the range alone: of the two, SQLite would take only this.
    AND (+created_at, action_id) < (:time, :id)
ORDER BY created_at DESC, action_id DESC
LIMIT :limit
