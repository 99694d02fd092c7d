-- The newest rows without a time of the request :request, from the ID :id down.
SELECT {columns}
FROM project_actions
WHERE {filter}
    AND request_id = :request
    AND {time} IS NULL
    AND action_id <= :id
ORDER BY action_id DESC
LIMIT :limit
