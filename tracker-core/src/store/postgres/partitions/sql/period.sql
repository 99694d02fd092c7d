-- The period of the partitions: `month` or `day`.
SELECT period FROM {schema}.project_actions_partitions WHERE name = 'project_actions_default'
