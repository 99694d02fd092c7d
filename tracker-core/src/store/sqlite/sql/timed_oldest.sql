-- The rows with times from :from to :last, after the time :time and the ID :id.
SELECT {columns}
FROM project_actions
WHERE {filter}
    AND typeof(created_at) = 'integer'
    AND created_at >= :from AND created_at <= :last
    -- The plus before `created_at` keeps this condition from the index: of the two, SQLite would
    -- use only this one. The plus before `action_id` keeps an ID that is not a text from being
    -- compared as one.
    AND (+created_at, +action_id) > (:time, :id)
ORDER BY created_at, action_id
LIMIT :limit
