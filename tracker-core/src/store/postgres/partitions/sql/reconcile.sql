SELECT {schema}.project_actions_reconcile($1)
