-- The condition of a filter that names the project: $1, unset for all. The condition of a request,
-- $5, has the project in it, and an index of its own.
    ($1::text IS NULL OR $5::text IS NOT NULL OR {project_id} = $1)
