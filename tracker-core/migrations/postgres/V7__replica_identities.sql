-- A publication of all tables, or of all in the schema, has the tables that this crate makes beside project_actions, and lets rows of them be changed only
-- where it can tell one from another. Each of these is there only where the table is in partitions, or was to be.
ALTER TABLE IF EXISTS project_actions_partitions REPLICA IDENTITY FULL;
ALTER TABLE IF EXISTS project_actions_conversion REPLICA IDENTITY FULL;
ALTER TABLE IF EXISTS project_actions_changed REPLICA IDENTITY FULL;
