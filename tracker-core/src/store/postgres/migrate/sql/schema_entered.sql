SELECT COALESCE(current_schema() = $1, false)
