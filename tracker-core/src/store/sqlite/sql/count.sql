-- The number of rows; if :is_timed, of those with times from :from to :last.
SELECT count(*)
FROM project_actions
WHERE {filter}
    AND (NOT :is_timed OR typeof(created_at) = 'integer' AND created_at >= :from AND created_at <= :last)
