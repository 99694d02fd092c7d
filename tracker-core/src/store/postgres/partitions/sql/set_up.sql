-- The partitioned table without its partitions, beside the old table and in its tablespace
-- (tablespace.sql).
CREATE TABLE {schema}.project_actions_partitioned (
    LIKE {schema}.project_actions
    INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING COMMENTS
) PARTITION BY RANGE (action_id);
ALTER TABLE {schema}.project_actions_partitioned ADD CONSTRAINT project_actions_partitioned_pkey PRIMARY KEY (action_id);
CREATE TABLE {schema}.project_actions_default PARTITION OF {schema}.project_actions_partitioned DEFAULT;
DO $project_actions$
BEGIN
    IF (SELECT relreplident FROM pg_catalog.pg_class WHERE oid = {table_literal}::regclass) = 'f' THEN
        ALTER TABLE {schema}.project_actions_partitioned REPLICA IDENTITY FULL;
        ALTER TABLE {schema}.project_actions_default REPLICA IDENTITY FULL;
    END IF;
END
$project_actions$;
INSERT INTO {schema}.project_actions_partitions VALUES ('project_actions_default', {period}, NULL, NULL, NULL, NULL, true)
