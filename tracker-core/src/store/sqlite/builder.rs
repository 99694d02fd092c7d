//! Configures the opening of a file: [`SqliteStoreBuilder`].

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

/// The longest time-out that SQLite accepts: 24.8 days.
const BUSY_TIMEOUT_MAX: Duration = Duration::from_millis(i32::MAX as u64);

/// SQLite's name for a database in memory, of which each connection has its own.
const IN_MEMORY: &str = ":memory:";

/// Configures the opening of a file; made by [`SqliteStore::builder`].
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
    /// Opens a file with the defaults of [`builder`](Self::builder), and creates it if there is
    /// none.
    ///
    /// Its directory must exist. [`migrate`](crate::Store::migrate) creates its table.
    ///
    /// # Errors
    ///
    /// Returns the errors of the builder's [`open`](SqliteStoreBuilder::open).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::builder(path).open()
    }

    /// Returns a builder with all settings of the file at this path.
    pub fn builder(path: impl AsRef<Path>) -> SqliteStoreBuilder {
        SqliteStoreBuilder {
            path: path.as_ref().to_owned(),
            busy_timeout: Duration::from_secs(5),
            synchronous: Synchronous::default(),
        }
    }
}

impl SqliteStoreBuilder {
    /// Sets the time that an operation waits while another process, or another store, writes to the
    /// file or migrates it. Default: 5 s.
    ///
    /// With zero it never waits. A time above the maximum of 24.8 days counts as the maximum. An
    /// operation that reaches the limit fails with a
    /// [`StoreError::Timeout`](crate::StoreError::Timeout).
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout.min(BUSY_TIMEOUT_MAX);
        self
    }

    /// Sets when a written batch is durable. Default: [`Synchronous::Normal`].
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
    /// - [`OpenError::Sqlite`] if the file can't be opened or is not a database.
    /// - [`OpenError::EmptyPath`] and [`OpenError::InMemory`] (`:memory:`) if the path names no
    ///   file.
    /// - [`OpenError::Thread`] if the store's thread can't be started.
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
        // An absolute path always names a file; SQLite would read a relative `file:…` as a URI.
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
