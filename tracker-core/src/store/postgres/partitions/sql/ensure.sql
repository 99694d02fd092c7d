SELECT name, outcome FROM {schema}.project_actions_ensure_partitions()
