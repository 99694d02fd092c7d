//! The settings of every command: the store, and the sources of settings.

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::{ArgAction, Args};
use tracker_core::{
    PostgresStore, Store,
    store::{self, StoreKind, StoreUrl, postgres::PostgresStoreBuilder},
};

use super::{
    configuration::{self, Configuration},
    failure::UsageError,
    store_name,
};

const STORE_DEFAULT: &str = "sqlite:tracker.db";

const NO_STORE: &str = "--store names no store: give an SQLite file (tracker.db, ./tracker or sqlite:FILE), \
    a Postgres (postgres://USER@HOST/DATABASE, or libpq's key=value pairs) or a stream (nats://HOST?stream=NAME)";

/// The timeout of an operator's command, which may read a large table while no request waits for
/// it.
const POSTGRES_TIMEOUT: Duration = Duration::from_mins(5);

/// The options of every command.
#[derive(Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalOptions {
    /// The store: an SQLite file, or postgres://USER@HOST/DATABASE [default: tracker.db]
    ///
    /// A password is better kept in the environment or in the configuration file: others can see
    /// the command lines of a machine.
    #[arg(
        long,
        global = true,
        value_name = "STORE",
        env = "TRACKER_STORE",
        hide_env_values = true
    )]
    store: Option<String>,
    /// The Postgres schema of the table [default: turbobackend]
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "TRACKER_SCHEMA",
        hide_env_values = true
    )]
    schema: Option<String>,
    /// The configuration file [default: ./tracker.toml, if it is there]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "TRACKER_CONFIG",
        hide_env_values = true
    )]
    config: Option<PathBuf>,
    /// Logs more on stderr: -v what happens, -vv how, -vvv everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// The settings of one call.
pub(crate) struct Settings {
    store: String,
    schema: Option<String>,
    pub(crate) configuration: Configuration,
}

impl Settings {
    /// Combines flags and environment with the configuration file, which fills in what they leave
    /// open.
    pub(crate) fn new(options: GlobalOptions) -> anyhow::Result<Self> {
        let mut configuration = configuration::read(options.config)?;
        let from_file = configuration.store.take();
        let store = options.store.or(from_file);
        Ok(Self {
            store: store_name::as_url(store.as_deref().unwrap_or(STORE_DEFAULT)).into_owned(),
            schema: options.schema.or(configuration.schema.take()),
            configuration,
        })
    }

    /// Opens an existing store, with a long timeout.
    pub(crate) fn open(&self) -> anyhow::Result<Arc<dyn Store>> {
        self.check_file()?;
        self.open_or_make()
    }

    /// Opens an existing store, with the timeouts of requests.
    pub(crate) fn open_for_requests(&self) -> anyhow::Result<Arc<dyn Store>> {
        self.check_file()?;
        self.connect(|builder| builder)
    }

    /// Opens the store, with a long timeout. A missing SQLite file is created.
    pub(crate) fn open_or_make(&self) -> anyhow::Result<Arc<dyn Store>> {
        self.connect(with_time)
    }

    fn check_file(&self) -> anyhow::Result<()> {
        if let Some(path) = self.sqlite_path()
            && !path.exists()
        {
            // Opening would create an empty file, and hide that the name is wrong.
            return Err(MissingFile(path).into());
        }
        Ok(())
    }

    fn connect(
        &self,
        with_limits: impl FnOnce(PostgresStoreBuilder) -> PostgresStoreBuilder,
    ) -> anyhow::Result<Arc<dyn Store>> {
        if !self.is_postgres() {
            if self.schema.is_some() {
                let message = "an SQLite file has no schemas: leave out --schema, TRACKER_SCHEMA and `schema`";
                return Err(UsageError::new(message).into());
            }
            return store::open(&self.store).map_err(|error| match error {
                error @ store::OpenError::Sqlite { .. } => error.into(),
                store::OpenError::Scheme { .. } => UsageError::new(NO_STORE).into(),
                error => UsageError::from(error).into(),
            });
        }
        Ok(Arc::new(self.connect_to_postgres(with_limits)?))
    }

    /// Opens the store for features of Postgres, with a long timeout.
    pub(crate) fn open_postgres(&self, what: &str) -> anyhow::Result<PostgresStore> {
        if !self.is_postgres() {
            let message = format!("an SQLite file has no {what}: name a Postgres with --store");
            return Err(UsageError::new(message).into());
        }
        self.connect_to_postgres(with_time)
    }

    /// `None` for what is no URL of a store.
    fn kind(&self) -> Option<StoreKind> {
        StoreUrl::parse(&self.store).ok().map(|url| url.kind())
    }

    /// Returns true for a stream, which only takes activities in.
    pub(crate) fn is_stream(&self) -> bool {
        self.kind() == Some(StoreKind::JetStream)
    }

    fn is_postgres(&self) -> bool {
        store_name::is_postgres(&self.store)
    }

    fn connect_to_postgres(
        &self,
        with_limits: impl FnOnce(PostgresStoreBuilder) -> PostgresStoreBuilder,
    ) -> anyhow::Result<PostgresStore> {
        let mut builder = with_limits(PostgresStore::builder(&*self.store));
        if let Some(schema) = &self.schema {
            builder = builder.schema(schema);
        }
        Ok(builder.build().map_err(UsageError::from)?)
    }

    fn sqlite_path(&self) -> Option<PathBuf> {
        let url = StoreUrl::parse(&self.store).ok()?;
        let path = url.path();
        let is_file = url.kind() == StoreKind::Sqlite;
        (is_file && !path.is_empty() && path != ":memory:").then(|| path.into())
    }
}

fn with_time(builder: PostgresStoreBuilder) -> PostgresStoreBuilder {
    builder
        .read_timeout(POSTGRES_TIMEOUT)
        .write_timeout(POSTGRES_TIMEOUT)
}

/// The error for a missing SQLite file.
#[derive(Debug, thiserror::Error)]
#[error("there is no file {}: name another store with --store, or make it with `tracker migrate`", .0.display())]
pub(crate) struct MissingFile(PathBuf);
