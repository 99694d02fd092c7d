SELECT {schema}.project_actions_swap()
