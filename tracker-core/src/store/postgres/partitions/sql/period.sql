-- Whether the table is partitioned by months or by days.
SELECT period FROM {schema}.project_actions_partitions WHERE name = 'project_actions_default'
