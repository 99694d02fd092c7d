SELECT {schema}.project_actions_count_is_current()
