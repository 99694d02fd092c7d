SELECT {schema}.project_actions_count_begin()
