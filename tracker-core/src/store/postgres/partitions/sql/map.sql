-- The map: the partitions, and the times that their rows can have. The zone of a partition is from
-- its least `created_first` to its greatest `created_last`, both inclusive. It is widened by adding
-- a row, never by changing one, so that no writer waits for another. The default partition has
-- neither bounds nor a zone, because it may have any row.
CREATE TABLE {schema}.project_actions_partitions (
    name TEXT NOT NULL,
    period TEXT NOT NULL,
    first_id TEXT,
    end_id TEXT,
    created_first BIGINT,
    created_last BIGINT,
    -- True if the partition may have rows without a time.
    untimed BOOLEAN NOT NULL
);
-- Rows can be equal, so no column is a key. A publication of all tables accepts changes only of
-- rows that it can identify.
ALTER TABLE {schema}.project_actions_partitions REPLICA IDENTITY FULL;
CREATE INDEX project_actions_partitions_name ON {schema}.project_actions_partitions (name);
-- The map reveals no more than the catalog and times, and the table's future readers are not known.
GRANT SELECT ON {schema}.project_actions_partitions TO PUBLIC;
COMMENT ON TABLE {schema}.project_actions_partitions IS
    'The partitions of project_actions with the bounds of their IDs and times; kept by triggers, not to be changed by hand'
