SELECT {schema}.project_actions_prune_partition($1)
