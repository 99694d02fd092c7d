(
            -- The rows of a request of the project $1. The index has a hash of both, and the last
            -- condition rules out other texts of the same hash. Its coalesce() hides it from the
            -- planner, which would take the two for independent and expect no row.
            hashtextextended({request_id}, hashtextextended({project_id}, 0))
                = hashtextextended({id} COLLATE "C", hashtextextended($1 COLLATE "C", 0))
            AND request_id IS NOT NULL
            AND coalesce({request_id} = {id} AND {project_id} = $1, false)
        )
