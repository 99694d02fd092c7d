-- The queue of the store, in the order of recording. It has no other index, because a row is
-- written and deleted once.
CREATE TABLE activities (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    action_id TEXT NOT NULL,
    project_id TEXT,
    user_id TEXT,
    request_id TEXT,
    action_type TEXT,
    action_details TEXT,
    status TEXT,
    environment TEXT,
    reference_ids TEXT,
    created_at INTEGER
) STRICT;

-- The activities that the store refused, each with the reason.
CREATE TABLE dead_letters (
    action_id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT,
    user_id TEXT,
    request_id TEXT,
    action_type TEXT,
    action_details TEXT,
    status TEXT,
    environment TEXT,
    reference_ids TEXT,
    created_at INTEGER,
    reason TEXT NOT NULL,
    -- The time at which it was stored here, in milliseconds since the Unix epoch.
    died_at INTEGER NOT NULL
) STRICT;

-- The ID "trkj", by which `file` and this crate recognise the file, and the version of the two
-- tables.
PRAGMA application_id = 0x74726b6a;
PRAGMA user_version = 1;
