-- What waits for the store, in the order in which it was recorded. No index but the order: a row is written and deleted once.
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

-- What the store refused, with the reason.
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
    -- When it was put aside, in milliseconds since the Unix epoch.
    died_at INTEGER NOT NULL
) STRICT;

-- "trkj", so that `file` and this crate know it; and the version of the two tables.
PRAGMA application_id = 0x74726b6a;
PRAGMA user_version = 1;
