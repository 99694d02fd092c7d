(request_id = {id} AND ($1::text IS NULL OR project_id = $1))
