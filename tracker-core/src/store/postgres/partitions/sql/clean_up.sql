DROP FUNCTION IF EXISTS {schema}.project_actions_swap()
