-- The newest rows of the request :request with times from :from to :last, from the time :time and
-- the ID :id down.
SELECT {columns}
FROM project_actions
WHERE {filter}
    AND request_id = :request
    AND {time} >= :from AND {time} <= :last
    -- The plus keeps this condition from the index: of the two, SQLite would use only this one.
    AND (+{time}, action_id) <= (:time, :id)
ORDER BY {time} DESC, action_id DESC
LIMIT :limit
