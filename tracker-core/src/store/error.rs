//! The errors of a store that is used: [`StoreError`].
//!
//! No message contains a password or a connection string.

use std::time::Duration;

use thiserror::Error as ThisError;

use super::boxed::BoxError;

/// An error of a store's operation. The store stays usable.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum StoreError {
    /// No connection could be made, or it broke.
    #[error("can't reach {store}: check that the server runs there and accepts connections")]
    Unreachable {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The error of the client.
        source: BoxError,
    },
    /// No encrypted connection could be made: the server's certificate was rejected, or the server
    /// offers no TLS.
    #[error("can't make a protected connection to {store}: {advice}")]
    Tls {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The remedy.
        advice: &'static str,
        /// The error of the client.
        source: BoxError,
    },
    /// The server can be reached, but has run out of a resource: disk space, memory, or
    /// connections. The resource may become available later.
    #[error("{store} can't take more now: {advice}")]
    Exhausted {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The missing resource, and the remedy.
        advice: &'static str,
        /// The error of the server.
        source: BoxError,
    },
    /// Concurrent activity on the server prevented the operation: a lock, a conflict with another
    /// transaction, or a time limit of the server. Nothing was written. Another attempt may
    /// succeed.
    #[error(
        "{store} was kept from it by something else: look for transactions that hold locks for long (`pg_stat_activity`), \
         or raise `lock_timeout` or `transaction_timeout` of the role"
    )]
    Busy {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The error of the server.
        source: BoxError,
    },
    /// A part of the server or the table does not work: a trigger's function, an extension, or a
    /// file of the server. Nothing was written. Another attempt may succeed once it is repaired.
    #[error(
        "something of {store} does not serve: mend what the server names, or the trigger, default or policy that uses it"
    )]
    Broken {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The error of the server.
        source: BoxError,
    },
    /// The server rejected the role or its password, or the role lacks a privilege.
    #[error(
        "{store} denied access: check the user, the password and the role's grants (writing needs INSERT, reading SELECT, migrating CREATE)"
    )]
    Denied {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The error of the client.
        source: BoxError,
    },
    /// The server can be reached, but takes no writes: it is a standby, or was made read-only. A
    /// failover may end this.
    #[error(
        "{store} takes no writes: connect to the primary (with `target_session_attrs=read-write` when the URL names \
         several hosts), or turn `default_transaction_read_only` off"
    )]
    ReadOnly {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The error of the server, or the one that it would have raised.
        source: BoxError,
    },
    /// The server has no database with the name in the connection string.
    #[error("there is no such database: create it, or correct the name in the URL of {store}")]
    NoDatabase {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The error of the client.
        source: BoxError,
    },
    /// The table does not exist.
    #[error(
        "there is no table {table} in {store}: run the migrations once, with `tracker migrate` or from your program"
    )]
    NotMigrated {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The table, with its schema.
        table: String,
    },
    /// The table exists, but does not have the shape that activities need.
    #[error("the table {table} in {store} has another shape: {difference}")]
    Shape {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The table, with its schema.
        table: String,
        /// The difference, and the remedy.
        difference: String,
    },
    /// An operation reached its time limit. It is unknown whether anything was written.
    #[error("{operation} took longer than {after:?}: raise that limit if the store is only slow")]
    Timeout {
        /// The operation.
        operation: &'static str,
        /// The time limit.
        after: Duration,
    },
    /// The store accepted the connection and the statement, but refused a row. Another attempt with
    /// the same rows fails as well.
    #[error("{store} refused a row")]
    Refused {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The error of the client.
        source: BoxError,
    },
    /// The store refused a row because its foreign key refers to a row that does not exist. That
    /// row may appear later, if an open transaction has inserted it.
    #[error(
        "{store} refused a row that refers to one that is not there: commit that one first, or drop the foreign key"
    )]
    MissingReference {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The error of the client.
        source: BoxError,
    },
    /// The store has no room now; it may have some later.
    #[error(
        "{store} has no room for more: raise its limit, or have what is in it taken out (of a stream, by more relays)"
    )]
    NoRoom {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The error of the server.
        source: BoxError,
    },
    /// No stream of the message broker accepts activities now.
    #[error(
        "no stream {stream} takes activities in {store}: make it with `tracker nats setup`; if it is there, it has no leader now, or takes other subjects"
    )]
    NoStream {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The name of the stream.
        stream: String,
        /// The error of the client.
        source: BoxError,
    },
    /// The store has reached its limit of rows.
    #[error("{store} is full with {rows} rows")]
    Full {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The limit of rows.
        rows: usize,
    },
    /// A migration failed. Those before it are applied. Migrating can be repeated.
    #[error("a migration of {store} failed: mend what the source says and migrate again")]
    Migration {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The error of the migration.
        source: BoxError,
    },
    /// The store's file can't be used as it is.
    #[error("{store} can't be used: {problem}")]
    File {
        /// The store's [description](super::Store::describe).
        store: String,
        /// The problem, and its remedy.
        problem: FileProblem,
        /// The error of the client.
        source: BoxError,
    },
    /// Arrivals can't be read after this place. It belongs to another store, or the store is no
    /// longer the same one. [`Store::watermarks`](super::Store::watermarks) returns a place that
    /// the store knows, and the timeline has the earlier activities.
    #[error(
        "{store} does not know this place among what arrived: it is another store's, or a backup was restored, the store replaced, or the row there removed since; begin anew with what comes from now on"
    )]
    UnknownPlace {
        /// The store's [description](super::Store::describe).
        store: String,
    },
    /// The store does not support the operation.
    #[error("{store} can't do this: {operation}; a Postgres or an SQLite file can")]
    Unsupported {
        /// The operation.
        operation: &'static str,
        /// The store's [description](super::Store::describe).
        store: String,
    },
    /// The operation needs a session of its own, and a pooler in transaction mode may use another
    /// session for each transaction. Nothing was changed.
    #[error(
        "{operation} needs a session of its own, and {store} is behind a pooler that shares them: give the URL of the server itself for this"
    )]
    SharedSession {
        /// The operation.
        operation: &'static str,
        /// The store's [description](super::Store::describe).
        store: String,
    },
    /// Any other error of the database or its client.
    #[error("{operation} failed in {store}")]
    Failed {
        /// The operation.
        operation: &'static str,
        /// The store's [description](super::Store::describe).
        store: String,
        /// The error of the database or its client.
        source: BoxError,
    },
}

/// The problem with a store's file; the text names the remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum FileProblem {
    /// The file, or one that belongs to it, can't be opened or created.
    #[error("it can't be opened: check that its directory exists and can be written")]
    CannotOpen,
    /// It was there, and is there no more.
    #[error(
        "it was removed: put it back, or make a new one with `tracker migrate` or from your program"
    )]
    Removed,
    /// The file was replaced each time that it was opened.
    #[error("it is replaced again and again while it is in use: leave it alone")]
    Replaced,
    /// The file or its directory is read-only.
    #[error("it is read-only: allow this process to write the file and its directory")]
    ReadOnly,
    /// The disk, or the file's quota, is full. No part of the operation was kept.
    #[error("the disk is full: free some space on it")]
    DiskFull,
    /// The operating system failed to read or write the file.
    #[error("the system failed to read or write it: check the disk")]
    InputOutput,
    /// The file is not an SQLite database.
    #[error("the file is no SQLite database: name another file, or move this one away")]
    NotADatabase,
    /// The file is damaged.
    #[error(
        "the file is damaged: move it and the files beside it away, then restore a copy or save its rows with `sqlite3 FILE .recover`"
    )]
    Corrupt,
}

impl StoreError {
    /// Returns whether the same operation may succeed later with the same arguments.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        !matches!(
            self,
            Self::Refused { .. }
                | Self::Full { .. }
                | Self::UnknownPlace { .. }
                | Self::Unsupported { .. }
                | Self::SharedSession { .. }
        )
    }
}
