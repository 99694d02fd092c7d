-- How many rows with times from :from to :last there are of each day and action type, where clocks are :ahead milliseconds ahead of UTC. Times at the
-- ends of what a number can tell, beyond :least and :most, count for these.
SELECT ms / 86400000 - (ms % 86400000 < 0) AS day, action_type, count(*)
FROM (
    SELECT max(:least, min(:most, created_at)) + :ahead AS ms, action_type
    FROM project_actions
    WHERE {filter}
        AND typeof(created_at) = 'integer'
        AND created_at >= :from AND created_at <= :last
)
GROUP BY day, action_type
ORDER BY day, action_type
LIMIT :limit
