-- The first $2 of the IDs in $1, a JSON list, in the order in which project_ids.sql has them.
SELECT DISTINCT project_id::text
FROM (
    SELECT {project_id} AS project_id
    FROM {schema}.project_actions
    WHERE false
    UNION ALL
    SELECT json_array_elements_text($1::json)
) AS found
ORDER BY project_id
LIMIT $2
