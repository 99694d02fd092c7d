-- How many rows there are, with times from :from to :last where :is_timed.
SELECT count(*)
FROM project_actions
WHERE {filter}
    AND (NOT :is_timed OR typeof(created_at) = 'integer' AND created_at >= :from AND created_at <= :last)
