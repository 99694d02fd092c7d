//! What goes wrong with a store: [`OpenError`] when it is set up, [`StoreError`] when it is used.
//!
//! No message holds a password or a connection string.

use std::{error::Error, path::PathBuf, time::Duration};

use thiserror::Error as ThisError;

/// Any error, as a source.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a store could not be set up. Nothing was opened or started.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum OpenError {
    /// The Postgres connection string is malformed, or names something that can't be used.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    ConnectionString(#[from] super::postgres::ConnectionStringError),
    /// The root certificates with which to check a Postgres server's can't be read.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Tls(#[from] super::postgres::TlsError),
    /// The name of the schema can't be one.
    #[error("a schema name has 1 to 63 bytes and no NUL: set another one")]
    SchemaName,
    /// The SQLite file could not be opened.
    #[error("can't open the SQLite database {}: check that its directory exists and can be written, and that the file is a database", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: BoxError,
    },
    /// The URL of the NATS servers can't be understood.
    #[cfg(feature = "nats")]
    #[error(transparent)]
    Nats(#[from] super::jetstream::NatsOptionsError),
    /// The path of the SQLite file is empty.
    #[error("the path of the SQLite file is empty: name the file, as in sqlite:tracker.db")]
    EmptyPath,
    /// The path is SQLite's name for a database in memory, which a store with two connections can't share.
    #[error(
        "`:memory:` names no file: use a `MemoryStore` to keep activities in memory, or name a file"
    )]
    InMemory,
    /// The URL names no store that this build knows.
    #[cfg_attr(
        feature = "postgres",
        error(
            "the store's URL must begin with one of {known}; a libpq string of key=value pairs goes to \
             `PostgresStore::new`"
        )
    )]
    #[cfg_attr(
        not(feature = "postgres"),
        error("the store's URL must begin with one of {known}")
    )]
    Scheme {
        /// The beginnings that this build knows.
        known: String,
    },
    /// The thread on which the store works could not be started.
    #[error("can't start a thread for the store: raise the limit of threads or of memory")]
    Thread(#[source] std::io::Error),
}

/// Why an operation of a store failed. The store stays usable.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum StoreError {
    /// No connection could be made, or it broke.
    #[error("can't reach {store}: check that the server runs there and accepts connections")]
    Unreachable {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What the client said.
        source: BoxError,
    },
    /// No protected connection could be made: the server's certificate was refused, or it offers no
    /// TLS.
    #[error("can't make a protected connection to {store}: {advice}")]
    Tls {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What to do about it.
        advice: &'static str,
        /// What the client said.
        source: BoxError,
    },
    /// The server can be reached, and has run out of something: room on its disk, memory,
    /// connections. It may have some later.
    #[error("{store} can't take more now: {advice}")]
    Exhausted {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What it is that it lacks, and what to do about it.
        advice: &'static str,
        /// What the server said.
        source: BoxError,
    },
    /// Something else at the same time kept the server from it: a lock, a conflict with another
    /// transaction, or a limit of the server's own on how long something may take. Nothing was
    /// written. Another attempt may succeed.
    #[error(
        "{store} was kept from it by something else: look for transactions that hold locks for long (`pg_stat_activity`), \
         or raise `lock_timeout` or `transaction_timeout` of the role"
    )]
    Busy {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What the server said.
        source: BoxError,
    },
    /// Something of the server or the table does not serve: a trigger's function, an extension, a
    /// file of the server. Nothing was written. Another attempt may succeed once it is mended.
    #[error(
        "something of {store} does not serve: mend what the server names, or the trigger, default or policy that uses it"
    )]
    Broken {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What the server said.
        source: BoxError,
    },
    /// The server refused the role, its password, or what it asked for.
    #[error(
        "{store} denied access: check the user, the password and the role's grants (writing needs INSERT, reading SELECT, migrating CREATE)"
    )]
    Denied {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What the client said.
        source: BoxError,
    },
    /// The server can be reached, and takes no writes: it is a standby, or was told not to. A failover may end that.
    #[error(
        "{store} takes no writes: connect to the primary (with `target_session_attrs=read-write` when the URL names \
         several hosts), or turn `default_transaction_read_only` off"
    )]
    ReadOnly {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What the server said, or would have said.
        source: BoxError,
    },
    /// The server has no database of the name in the connection string.
    #[error("there is no such database: create it, or correct the name in the URL of {store}")]
    NoDatabase {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What the client said.
        source: BoxError,
    },
    /// The table is not there.
    #[error(
        "there is no table {table} in {store}: run the migrations once, with `store.migrate()`"
    )]
    NotMigrated {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// The table, with its schema.
        table: String,
    },
    /// The table is there, but is not the one that activities can be written to.
    #[error("the table {table} in {store} has another shape: {difference}")]
    Shape {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// The table, with its schema.
        table: String,
        /// What differs, and what to do about it.
        difference: String,
    },
    /// A wait ended at its limit. What was written is unknown.
    #[error("{operation} took longer than {after:?}: raise that limit if the store is only slow")]
    Timeout {
        /// What was waited for.
        operation: &'static str,
        /// The limit.
        after: Duration,
    },
    /// The store took the connection and the statement, but refused a row. Another attempt with
    /// the same rows will not do better.
    #[error("{store} refused a row")]
    Refused {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What the client said.
        source: BoxError,
    },
    /// The store refused a row that refers to one that is not there, by a foreign key. It may come
    /// to be there: a transaction that is still open may have made it.
    #[error(
        "{store} refused a row that refers to one that is not there: commit that one first, or drop the foreign key"
    )]
    MissingReference {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What the client said.
        source: BoxError,
    },
    /// The store has no room now; it may have some later.
    #[error(
        "{store} has no room for more: raise its limit, or have what is in it taken out (of a stream, by more relays)"
    )]
    NoRoom {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What the server said.
        source: BoxError,
    },
    /// No stream of a message broker takes activities now.
    #[error(
        "no stream {stream} takes activities in {store}: make it with `tracker nats setup`; if it is there, it has no leader now, or takes other subjects"
    )]
    NoStream {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// The stream.
        stream: String,
        /// What the client said.
        source: BoxError,
    },
    /// The store holds as many rows as it may.
    #[error("{store} is full with {rows} rows")]
    Full {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// How many rows it may hold.
        rows: usize,
    },
    /// A migration failed. Those before it are applied; it can be run again.
    #[error("a migration of {store} failed: mend what the source says and migrate again")]
    Migration {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What went wrong.
        source: BoxError,
    },
    /// The store's file can't be used as it is.
    #[error("{store} can't be used: {problem}")]
    File {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What is wrong with it.
        problem: FileProblem,
        /// What the client said.
        source: BoxError,
    },
    /// What arrives can't be read from this place on: it is another store's, or the store is not what it was. Asking
    /// [how far it has come](super::Store::watermarks) tells a place that it knows, and the timeline what came before.
    #[error(
        "{store} does not know this place among what arrived: it is another store's, or a backup was restored, the store replaced, or the row there removed since; begin anew with what comes from now on"
    )]
    UnknownPlace {
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
    },
    /// The store has no such operation.
    #[error(
        "{store} can't do this: {operation}; use one of the stores of this crate, or implement it"
    )]
    Unsupported {
        /// What was asked for.
        operation: &'static str,
        /// The store.
        store: String,
    },
    /// It needs a session of the server for itself, and a pooler in transaction mode gives each transaction another one. Nothing was changed.
    #[error(
        "{operation} needs a session of its own, and {store} is behind a pooler that shares them: give the URL of the server itself for this"
    )]
    SharedSession {
        /// What was to be done.
        operation: &'static str,
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
    },
    /// Anything else that the database or its client said.
    #[error("{operation} failed in {store}")]
    Failed {
        /// What was done.
        operation: &'static str,
        /// What [`Store::describe`](super::Store::describe) says.
        store: String,
        /// What went wrong.
        source: BoxError,
    },
}

/// What is wrong with a store's file; the text says what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum FileProblem {
    /// It, or a file that belongs to it, can't be opened or made.
    #[error("it can't be opened: check that its directory exists and can be written")]
    CannotOpen,
    /// It was there, and is there no more.
    #[error("it was removed: put it back, or make a new one with `store.migrate()`")]
    Removed,
    /// Whenever it was opened, another one came into its place.
    #[error("it is replaced again and again while it is in use: leave it alone")]
    Replaced,
    /// It, or its directory, can't be written.
    #[error("it is read-only: allow this process to write the file and its directory")]
    ReadOnly,
    /// The disk, or the file's quota, is full. Nothing of the operation was kept.
    #[error("the disk is full: free some space on it")]
    DiskFull,
    /// The operating system failed to read or write it.
    #[error("the system failed to read or write it: check the disk")]
    InputOutput,
    /// It holds something else.
    #[error("the file is no SQLite database: name another file, or move this one away")]
    NotADatabase,
    /// It is damaged.
    #[error(
        "the file is damaged: move it and the files beside it away, then restore a copy or save its rows with `sqlite3 FILE .recover`"
    )]
    Corrupt,
}

impl StoreError {
    /// Whether the same operation may succeed later, without a change to what it was given.
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
