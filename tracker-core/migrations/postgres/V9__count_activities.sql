-- The number of activities of each project, type, and quarter of an hour, kept by triggers, which
-- `tracker migrate` makes.
--
-- Each statement that changes project_actions appends its changes to project_actions_count_changes,
-- so no writer waits for another. Now and then somebody adds these to project_actions_counts. A
-- count is the sum of both. The counts are in use while project_actions_count_state has the
-- fingerprint of the triggers: whoever disables or drops one, or attaches a table without them,
-- ends the use of the counts, and activities are counted one by one.
--
-- A project is found by a hash, because a text of any length can be one. A key is a random ID, so
-- that a subscriber that replicates all tables meets no conflict.
CREATE TABLE IF NOT EXISTS project_actions_counts (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    project_id TEXT NOT NULL,
    action_type TEXT,
    -- The days since 1970-01-01 in UTC. Quarters are those of the day, from 0 to 95.
    day BIGINT NOT NULL,
    quarters SMALLINT[] NOT NULL,
    counts BIGINT[] NOT NULL,
    failures BIGINT[] NOT NULL,
    -- All of these activities came in an earlier transaction than this one.
    arrived_before BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS project_actions_counts_days ON project_actions_counts (hashtextextended(project_id, 0), day);
CREATE TABLE IF NOT EXISTS project_actions_count_changes (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    project_hashes INTEGER[] NOT NULL,
    project_ids TEXT[] NOT NULL,
    action_types TEXT[] NOT NULL,
    -- The quarters of hours since 1970-01-01 in UTC.
    quarters BIGINT[] NOT NULL,
    counts BIGINT[] NOT NULL,
    failures BIGINT[] NOT NULL
);
-- They live for seconds, and compressing them would take a writer longer than all the rest.
ALTER TABLE project_actions_count_changes
    ALTER project_hashes SET STORAGE EXTERNAL, ALTER project_ids SET STORAGE EXTERNAL, ALTER action_types SET STORAGE EXTERNAL,
    ALTER quarters SET STORAGE EXTERNAL, ALTER counts SET STORAGE EXTERNAL, ALTER failures SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS project_actions_count_state (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    fingerprint NUMERIC NOT NULL,
    -- True once all activities have been counted.
    is_complete BOOLEAN NOT NULL,
    -- Changes of earlier transactions than this one are due, and the time since when they are.
    due_before BIGINT NOT NULL,
    due_since TIMESTAMPTZ NOT NULL
);
