//! The server features that the store needs, and its alternatives where the server lacks them:
//! [`Engine`].
//!
//! Other engines speak Postgres's protocol without having all of Postgres, and poolers stand in
//! front of it. The store detects a missing feature at its first use, by the server's own error,
//! since names and versions tell little. Features that can't be tried without harm are
//! [recognised](super::recognise) in advance. A missing feature is logged once for each store, and
//! its alternative is used from then on. Only listening is tried again, by each watch, because a
//! server that fails over may come to have it. Any other feature that a server gets later is
//! noticed when the process restarts.
//!
//! | needed for | feature | without it |
//! | --- | --- | --- |
//! | writing | binary `COPY` | `INSERT` of the batch as ten arrays |
//! | writing | `unnest` of several arrays, `jsonb[]` | `INSERT` of lists of values, of [`ROWS_MAX`](super::insert_values::ROWS_MAX) rows |
//! | writing | an encoding with all characters | each row that has others alone, with a question mark for each |
//! | being told | `LISTEN` that is delivered | a look every [`POLL_INTERVAL`](super::listen::POLL_INTERVAL) |
//! | being told | `pg_notify` | nobody is told; who follows looks by itself |
//! | reading | sessions without a pooler, and `plan_cache_mode` | each page is planned anew |
//! | following | `xmin` and `pg_current_snapshot` of one server | an error, [`StoreError::Unsupported`](crate::StoreError::Unsupported) |
//! | following | the server's identity and timeline, readable by every role | servers are told apart by their databases and tables alone |
//! | migrating | advisory locks of a session | a row of the table `tracker_locks`, with a lease |
//! | migrating | BRIN indexes | a B-tree index |
//! | migrating | GIN indexes of `jsonb_path_ops` | a GIN index of the usual kind |
//! | everything | a session for each client, which PGlite lacks | one connection at a time, closed after each use; `INSERT`; migrating and partitioning in one transaction; a poll every second |
//! | migrating | `DO` blocks | a plain `CREATE TABLE`, for which the role needs CREATE each time |
//! | migrating, reading | `hashtextextended` | indexes of the columns themselves, and statements that read them |
//! | migrating | `REPLICA IDENTITY` | tables without one; there are no publications that would need it |
//! | counting | functions, and triggers that see all rows of a statement | counting one by one |
//!
//! Two servers are recognised in advance because they neither serve a `COPY` nor refuse it: PGlite,
//! by `version()` on the first connection, and pgpool-II, by `SHOW pool_version` before the first
//! `COPY`. A server without pgpool-II refuses the latter and logs that. Hashes of texts are tried
//! on the first connection, because all statements that read depend on them.
//!
//! These features have no alternative: `INSERT … ON CONFLICT DO NOTHING`, `jsonb` with `@>` and GIN
//! indexes, transactions with `SET LOCAL statement_timeout`, row comparison, `COLLATE "C"`, the
//! catalog as `shape.sql` reads it, and, for migrating, `CREATE INDEX CONCURRENTLY`.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{class::Class, error::PostgresError};

/// A feature that a server may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Feature {
    BinaryCopy,
    ArraysAsRows,
    Listen,
    Notify,
    Arrivals,
    Clusters,
    AdvisoryLocks,
    BlockRangeIndexes,
    PathIndexes,
    Blocks,
    OwnSessions,
    Characters,
    ReplicaIdentities,
    KeptPlans,
    KeptCounts,
    TextHashes,
}

const FEATURES: usize = Feature::TextHashes as usize + 1;

impl Feature {
    /// Returns whether all works as well without it, only slower.
    fn costs_time_alone(self) -> bool {
        matches!(self, Self::KeptPlans | Self::KeptCounts)
    }

    /// The log message: the missing feature and the alternative in use.
    fn lack(self) -> &'static str {
        match self {
            Self::BinaryCopy => {
                "this server has no binary COPY for the table: batches are written by INSERT instead"
            }
            Self::ArraysAsRows => {
                "this server has no rows from arrays (unnest): batches are written as lists of values instead"
            }
            Self::Listen => {
                "this server has no LISTEN that is delivered: what arrives is looked for every second instead; behind a \
                 pooler, a direct connection has it"
            }
            Self::Notify => {
                "this server has no NOTIFY: nobody is told of new rows, who follows looks for them now and then instead"
            }
            Self::Arrivals => {
                "this server has no numbers of the transactions that wrote rows: what arrives can't be followed, and \
                 is answered with an error instead"
            }
            Self::Clusters => {
                "this server does not tell which one it is, or not this role (pg_control_system, pg_control_checkpoint, pg_control_recovery, \
                 pg_walfile_name): who follows what arrives may miss a failover, or a restored backup, that gives the same numbers again"
            }
            Self::AdvisoryLocks => {
                "this server has no advisory locks: a row of the table tracker_locks is the lock instead"
            }
            Self::BlockRangeIndexes => {
                "this server has no BRIN indexes: a B-tree index is built instead"
            }
            Self::PathIndexes => {
                "this server has no GIN indexes of jsonb_path_ops: one of its usual GIN indexes is built instead"
            }
            Self::Blocks => {
                "this server has no DO blocks: the table of migrations is made by a plain statement instead"
            }
            Self::OwnSessions => {
                "this server has one session for all its clients: one connection is used at a time, and closed after each \
                 use, and what arrives is looked for every second"
            }
            Self::Characters => {
                "this database's encoding lacks characters of some activities: a question mark stands for each of them; \
                 a database with the encoding UTF8 has all"
            }
            Self::ReplicaIdentities => {
                "this server has no replica identities: tables go without them instead"
            }
            Self::KeptPlans => {
                "this server keeps no plans for this store's sessions: each page is planned anew; behind a pooler, a direct \
                 connection is faster"
            }
            Self::KeptCounts => {
                "this database keeps no counts of activities, or not for this role: they are counted one by one instead; \
                 migrating makes the counts, with `tracker migrate` or from your program"
            }
            Self::TextHashes => {
                "this server has no hashes of texts (hashtextextended): larger indexes, of the texts, are built instead"
            }
        }
    }
}

/// The features of a store's server, as far as they are known.
#[derive(Debug)]
pub(super) struct Engine {
    /// The store's description, for the log.
    store: String,
    lacking: [AtomicBool; FEATURES],
    /// True once the server has proved to support following.
    can_follow: AtomicBool,
    recognised: AtomicBool,
    pooler_recognised: AtomicBool,
}

impl Engine {
    pub(super) fn new(store: String) -> Self {
        Self {
            store,
            lacking: Default::default(),
            can_follow: AtomicBool::new(false),
            recognised: AtomicBool::new(false),
            pooler_recognised: AtomicBool::new(false),
        }
    }

    /// Returns whether the feature was found missing.
    pub(super) fn lacks(&self, feature: Feature) -> bool {
        self.lacking[feature as usize].load(Ordering::Relaxed)
    }

    /// Remembers that the feature is missing, and logs it the first time.
    pub(super) fn found_lacking(&self, feature: Feature, because: &str) {
        if !self.lacking[feature as usize].swap(true, Ordering::Relaxed) {
            let (store, lack) = (&self.store, feature.lack());
            if feature.costs_time_alone() {
                tracing::info!(store, because, "{lack}");
            } else {
                tracing::warn!(store, because, "{lack}");
            }
        }
    }

    pub(super) fn can_follow(&self) -> bool {
        self.can_follow.load(Ordering::Relaxed)
    }

    pub(super) fn found_followable(&self) {
        self.can_follow.store(true, Ordering::Relaxed);
    }

    /// Returns whether the server has been recognised.
    pub(super) fn is_recognised(&self) -> bool {
        self.recognised.load(Ordering::Relaxed)
    }

    pub(super) fn recognised(&self) {
        self.recognised.store(true, Ordering::Relaxed);
    }

    /// Returns whether the server has been asked for pgpool-II.
    pub(super) fn is_pooler_recognised(&self) -> bool {
        self.pooler_recognised.load(Ordering::Relaxed)
    }

    pub(super) fn pooler_recognised(&self) {
        self.pooler_recognised.store(true, Ordering::Relaxed);
    }
}

impl PostgresError {
    /// Returns whether an engine's catalog lacks an object that a query of the catalog names.
    pub(super) fn is_of_another_catalog(&self) -> bool {
        matches!(self.class(), Class::NotMigrated | Class::Shape) || is_lack(self)
    }
}

/// True if the server says that it does not know or have the requested feature.
///
/// Only meaningful for a statement of the store's own, which is valid in Postgres.
pub(super) fn is_lack(error: &PostgresError) -> bool {
    let Some(sqlstate) = error.sqlstate() else {
        return false;
    };
    match sqlstate {
        // Not supported; syntax error; unknown function; another unknown object, such as an index
        // method.
        "0A000" | "42601" | "42883" | "42704" => true,
        // An internal error, or one that the engine has no code for, is recognised by its message.
        _ if sqlstate.starts_with("XX") => {
            let said = error.to_string().to_lowercase();
            let words = [
                "unimplemented",
                "not implemented",
                "not supported",
                "unsupported",
            ];
            words.iter().any(|words| said.contains(words))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(sqlstate: &str, message: &str) -> PostgresError {
        PostgresError::of_server(Some("ERROR"), sqlstate, message)
    }

    #[test]
    fn an_engine_that_has_no_such_thing_is_told_from_one_in_trouble() {
        for (sqlstate, message) in [
            ("0A000", "COPY FROM is not supported"),
            ("42601", "at or near \"copy\": syntax error"),
            ("42883", "unknown function: pg_notify()"),
            ("42704", "access method \"brin\" does not exist"),
            ("XX000", "internal error: Unimplemented: binary copy"),
            ("XXUUU", "this statement is not supported"),
        ] {
            assert!(is_lack(&said(sqlstate, message)), "{sqlstate} {message}");
        }
        for (sqlstate, message) in [
            ("XX000", "cache lookup failed"),
            ("42501", "permission denied"),
            ("42703", "column \"reference_ids\" does not exist"),
            ("42P01", "relation \"project_actions\" does not exist"),
            ("57014", "canceling statement due to statement timeout"),
            ("53300", "too many clients, which is not supported"),
        ] {
            assert!(!is_lack(&said(sqlstate, message)), "{sqlstate} {message}");
        }
        assert!(!is_lack(&PostgresError::foreseen(
            "unimplemented".to_owned()
        )));
    }

    #[test]
    fn what_is_missing_is_known_from_then_on_and_apart_from_the_rest() {
        let engine = Engine::new("a server".to_owned());
        assert!(!engine.lacks(Feature::BinaryCopy));
        engine.found_lacking(Feature::BinaryCopy, "it says so");
        engine.found_lacking(Feature::BinaryCopy, "it says so");
        assert!(engine.lacks(Feature::BinaryCopy));
        assert!(!engine.lacks(Feature::BlockRangeIndexes));
    }
}
