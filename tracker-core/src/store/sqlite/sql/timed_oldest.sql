-- The rows with times from :from to :last, behind the time :time and the ID :id.
SELECT {columns}
FROM project_actions
WHERE {filter}
    AND typeof(created_at) = 'integer'
    AND created_at >= :from AND created_at <= :last
    -- The index is used for the range alone: of the two, SQLite would take only this.
    -- Without the plus, an ID that is no text would be compared as if it were.
    AND (+created_at, +action_id) > (:time, :id)
ORDER BY created_at, action_id
LIMIT :limit
