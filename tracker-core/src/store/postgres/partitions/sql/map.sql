-- Which partitions there are, and which times their rows can have: the zone of a partition reaches from the least `created_first` to the greatest
-- `created_last`, both of them in it. It is widened by one more row, never by a change, so that no writer waits for another. The default
-- partition has no bounds and no zone: there may be anything in it.
CREATE TABLE {schema}.project_actions_partitions (
    name TEXT NOT NULL,
    period TEXT NOT NULL,
    first_id TEXT,
    end_id TEXT,
    created_first BIGINT,
    created_last BIGINT,
    -- Whether there can be rows without a time.
    untimed BOOLEAN NOT NULL
);
-- Rows can be equal, so none of the columns is a key; a publication of all tables takes changes only of rows that it can tell apart.
ALTER TABLE {schema}.project_actions_partitions REPLICA IDENTITY FULL;
CREATE INDEX project_actions_partitions_name ON {schema}.project_actions_partitions (name);
-- It says no more than the catalog and the zones of time do, and who may read the table one day is not known today.
GRANT SELECT ON {schema}.project_actions_partitions TO PUBLIC;
COMMENT ON TABLE {schema}.project_actions_partitions IS
    'The partitions of project_actions with the bounds of their IDs and times; kept by triggers, not to be changed by hand'
