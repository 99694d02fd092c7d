//! How a file is opened: [`SqliteStoreBuilder`].

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    connections::Connections,
    error::ErrorContext,
    handle::{Shared, SqliteStore},
    synchronous::Synchronous,
};
use crate::store::{OpenError, background::Background};

/// What SQLite takes for a time-out at most: 24.8 days.
const BUSY_TIMEOUT_MAX: Duration = Duration::from_millis(i32::MAX as u64);

/// What SQLite itself takes for a database in memory, of which each connection has its own.
const IN_MEMORY: &str = ":memory:";

/// Sets how a file is opened; made by [`SqliteStore::builder`].
///
/// ```
/// use std::time::Duration;
/// use tracker_core::{SqliteStore, Store, store::sqlite::Synchronous};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("tracker.db");
/// let store = SqliteStore::builder(path)
///     .busy_timeout(Duration::from_secs(30))
///     .synchronous(Synchronous::Full)
///     .open()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is opened before `open()`"]
pub struct SqliteStoreBuilder {
    path: PathBuf,
    busy_timeout: Duration,
    synchronous: Synchronous,
}

impl SqliteStore {
    /// Opens a file with the defaults of [`builder`](Self::builder), and creates it if there is none.
    ///
    /// Its directory must exist. Its table is made by [`migrate`](crate::Store::migrate).
    ///
    /// # Errors
    ///
    /// As [`open`](SqliteStoreBuilder::open) of the builder.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::builder(path).open()
    }

    /// Sets how a file is opened.
    pub fn builder(path: impl AsRef<Path>) -> SqliteStoreBuilder {
        SqliteStoreBuilder {
            path: path.as_ref().to_owned(),
            busy_timeout: Duration::from_secs(5),
            synchronous: Synchronous::default(),
        }
    }
}

impl SqliteStoreBuilder {
    /// Sets how long an operation waits while another process, or another store, writes to the file
    /// or migrates it: 5 s unless set.
    ///
    /// With zero it never waits; 24.8 days is the most, and is taken for more. What ends at this
    /// limit is a [`StoreError::Timeout`](crate::StoreError::Timeout).
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout.min(BUSY_TIMEOUT_MAX);
        self
    }

    /// Sets when a written batch is on the disk for good: [`Synchronous::Normal`] unless set.
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// Opens the file, and creates it if there is none; its directory must exist.
    ///
    /// It reads the beginning of the file on the calling thread, and waits for no lock.
    ///
    /// # Errors
    ///
    /// [`OpenError::Sqlite`] when the file can't be opened or is no database, [`OpenError::EmptyPath`] and
    /// [`OpenError::InMemory`] (`:memory:`) when the path names none, [`OpenError::Thread`] when the store's
    /// thread can't be started.
    pub fn open(self) -> Result<SqliteStore, OpenError> {
        if self.path.as_os_str().is_empty() {
            return Err(OpenError::EmptyPath);
        }
        if self.path.as_os_str() == IN_MEMORY {
            return Err(OpenError::InMemory);
        }
        let failed = |source| OpenError::Sqlite {
            path: self.path.clone(),
            source,
        };
        // An absolute path names a file whatever it looks like: SQLite would take `file:…` for something else.
        let path = std::path::absolute(&self.path).map_err(|error| failed(error.into()))?;
        let connections = Connections::open(path, self.busy_timeout).map_err(failed)?;
        let background = Background::start("tracker-sqlite").map_err(OpenError::Thread)?;
        Ok(SqliteStore {
            shared: Arc::new(Shared {
                context: ErrorContext {
                    store: format!("SQLite {}", self.path.display()),
                    busy_timeout: self.busy_timeout,
                },
                synchronous: self.synchronous,
                connections,
                background,
            }),
        })
    }
}
