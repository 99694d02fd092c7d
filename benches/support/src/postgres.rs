//! Settings of a Postgres server that is measured.

/// The settings of a server with a large table: memory for it, and few checkpoints.
const LARGE: [&str; 3] = [
    "shared_buffers=1GB",
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
];

/// The settings of a server in production, which syncs what it commits. The tests' servers sync
/// nothing.
const DURABLE: [&str; 3] = ["fsync=on", "full_page_writes=on", "autovacuum=on"];

/// Returns the settings of a server with a large table.
#[must_use]
pub fn large() -> Vec<String> {
    LARGE.map(str::to_owned).into()
}

/// Returns the settings of a server in production, with a large table.
#[must_use]
pub fn production() -> Vec<String> {
    let settings = DURABLE.into_iter().chain(LARGE);
    settings.map(str::to_owned).collect()
}
