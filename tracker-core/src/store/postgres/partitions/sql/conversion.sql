-- The progress of a conversion, and the IDs of rows to copy again.
CREATE TABLE {schema}.project_actions_conversion (copied_to VARCHAR, copied BIGINT NOT NULL, total BIGINT NOT NULL);
INSERT INTO {schema}.project_actions_conversion
SELECT NULL, 0, CASE WHEN reltuples > 0 THEN reltuples::bigint ELSE (SELECT count(*) FROM {schema}.project_actions) END
FROM pg_catalog.pg_class WHERE oid = {table_literal}::regclass;
CREATE TABLE {schema}.project_actions_changed (action_id VARCHAR);
-- A publication of all tables includes these, and accepts changes only of rows that it can
-- identify.
ALTER TABLE {schema}.project_actions_conversion REPLICA IDENTITY FULL;
ALTER TABLE {schema}.project_actions_changed REPLICA IDENTITY FULL;

CREATE TRIGGER project_actions_mirror_insert AFTER INSERT ON {schema}.project_actions
    REFERENCING NEW TABLE AS fresh EXECUTE FUNCTION {schema}.project_actions_mirror();
CREATE TRIGGER project_actions_mirror_update AFTER UPDATE ON {schema}.project_actions
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh EXECUTE FUNCTION {schema}.project_actions_mirror();
CREATE TRIGGER project_actions_mirror_delete AFTER DELETE ON {schema}.project_actions
    REFERENCING OLD TABLE AS gone EXECUTE FUNCTION {schema}.project_actions_mirror();
CREATE TRIGGER project_actions_mirror_truncate AFTER TRUNCATE ON {schema}.project_actions
    EXECUTE FUNCTION {schema}.project_actions_mirror()
