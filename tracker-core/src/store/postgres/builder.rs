//! The settings of a [`PostgresStore`]: [`PostgresStoreBuilder`].

use std::{sync::Arc, time::Duration};

use super::{
    connect::ConnectionOptions,
    connection_string::Environment,
    connections::Connections,
    engine::Engine,
    store::{Limits, PostgresStore, Work},
};
use crate::store::{DEFAULT_SCHEMA, OpenError};

/// The longest identifier of Postgres, in bytes; the server would silently cut a longer one.
const SCHEMA_BYTES_MAX: usize = 63;

/// One connection for writing alone, and one for everything else.
const CONNECTIONS_MIN: usize = 2;

const CONNECTIONS_DEFAULT: usize = 4;

const POOL_TIMEOUT_DEFAULT: Duration = Duration::from_secs(5);

/// Configures a [`PostgresStore`]; made by [`PostgresStore::builder`].
///
/// A time limit of zero is reached at once, which is useful only in tests, and one of
/// [`Duration::MAX`] never.
#[derive(Clone)]
#[must_use = "it does nothing until it is built"]
pub struct PostgresStoreBuilder {
    url: String,
    environment: Option<Environment>,
    schema: Option<String>,
    takes_schema_of_url: bool,
    connections_max: Option<usize>,
    connect_timeout: Duration,
    pool_timeout: Option<Duration>,
    write_timeout: Duration,
    read_timeout: Duration,
    migrate_timeout: Duration,
}

impl PostgresStore {
    /// Returns the store at this URL, with all defaults. It connects to nothing yet: the first
    /// operation does. To learn at once if activities can be written,
    /// [check](crate::Store::check) the store.
    ///
    /// The URL has libpq's form, as [`ConnectionOptions`](super::ConnectionOptions) explains. There
    /// are three ways to the store:
    ///
    /// | way | for |
    /// | --- | --- |
    /// | `new` | a program that uses Postgres with the default schema and limits |
    /// | [`builder`](Self::builder) | another schema, number of connections, or time limit |
    /// | [`store::open`](crate::store::open) | a program whose settings name the kind of store |
    ///
    /// The result of `store::open` is any [`Store`](crate::Store). It lacks what only this type
    /// has, such as [`partition`](Self::partition).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`build`](PostgresStoreBuilder::build).
    pub fn new(url: impl Into<String>) -> Result<Self, OpenError> {
        Self::builder(url).build()
    }

    /// Returns a builder with all settings of the store at this URL.
    pub fn builder(url: impl Into<String>) -> PostgresStoreBuilder {
        PostgresStoreBuilder {
            url: url.into(),
            environment: None,
            schema: None,
            takes_schema_of_url: false,
            connections_max: None,
            connect_timeout: Duration::from_secs(5),
            pool_timeout: None,
            write_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(10),
            migrate_timeout: Duration::from_mins(10),
        }
    }
}

impl PostgresStoreBuilder {
    /// Sets the environment that supplies options the URL leaves open, for instance `PGPASSWORD` or
    /// `~/.pgpass`, as [`ConnectionOptions`] explains. With [`Environment::none`] only the URL
    /// counts. Default: [`Environment::of_process`], read when the store is built.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Sets the schema of the table: any identifier of Postgres, of 1 to 63 bytes, unquoted and
    /// taken literally. Default: [`DEFAULT_SCHEMA`].
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Uses the option `schema` of the URL, which is Prisma's, unless [`schema`](Self::schema) sets
    /// one. By default the option is ignored because it names the schema of Prisma's own tables.
    pub fn schema_of_url(mut self) -> Self {
        self.takes_schema_of_url = true;
        self
    }

    /// Sets the maximum number of connections. They are made as they are needed, and kept. Default:
    /// the URL's `connection_limit`, else 4.
    ///
    /// One of them is reserved for writing, so that readers can't keep it waiting; fewer than 2
    /// therefore count as 2. The writer of a tracker uses one at a time. A server allows about 100
    /// for all its clients unless configured otherwise. Where it refuses a connection because there
    /// are too many, the store makes do with the existing ones, at least one, and asks for more a
    /// minute later.
    pub fn connections_max(mut self, connections_max: usize) -> Self {
        self.connections_max = Some(connections_max);
        self
    }

    /// Sets the time limit for making a connection, for each host of the URL: name look-up, TLS and
    /// login included. Default: 5 s.
    ///
    /// The URL's `connect_timeout` additionally limits the time for each address to accept.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Sets the time limit for waiting for a free connection when all are in use. Default: the
    /// URL's `pool_timeout`, in seconds with 0 for no limit, else 5 s.
    pub fn pool_timeout(mut self, limit: Duration) -> Self {
        self.pool_timeout = Some(limit);
        self
    }

    /// Sets the time limit for writing a batch once there is a connection. Default: 10 s.
    ///
    /// The server enforces the limit too, so that a statement that nobody waits for does not stay,
    /// for example in front of a lock. The server's limit is in whole milliseconds, from 1 to about
    /// 24 days. If the first attempt meets a stored row, a second attempt follows with a limit of
    /// its own.
    pub fn write_timeout(mut self, limit: Duration) -> Self {
        self.write_timeout = limit;
        self
    }

    /// Sets the time limit for reading a page, or for a check, once there is a connection. The
    /// server enforces it too, as it does [`write_timeout`](Self::write_timeout). Default: 10 s.
    pub fn read_timeout(mut self, limit: Duration) -> Self {
        self.read_timeout = limit;
        self
    }

    /// Sets the time limit for all migrations together, including the wait for another process that
    /// migrates. Default: 10 minutes.
    ///
    /// Most of the time goes into building the indexes of a table that has rows already: some
    /// seconds for a million rows. A build also waits for every transaction that was open when it
    /// began.
    pub fn migrate_timeout(mut self, limit: Duration) -> Self {
        self.migrate_timeout = limit;
        self
    }

    /// Builds the store. It connects to nothing: a worker starts although its database is down, and
    /// [`check`](crate::Store::check) reports whether it is.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] if the URL is malformed, a file that it or the environment names
    /// can't be read, the schema's name is not possible, or no thread can be started.
    pub fn build(self) -> Result<PostgresStore, OpenError> {
        let environment = self.environment.clone();
        let environment = environment.unwrap_or_else(Environment::of_process);
        let options = ConnectionOptions::parse_in(&self.url, &environment)?;
        tell_ignored(&options, self.takes_schema_of_url);
        let settled = self.settled(&options)?;
        // There is at least one host, and never as many as the fallback.
        let hosts = u32::try_from(options.hosts()).unwrap_or(u32::MAX);
        let store = format!("Postgres at {}", options.describe());
        let engine = Arc::new(Engine::new(store.clone()));
        let connections = Connections::new(
            options.manager()?,
            Arc::clone(&engine),
            settled.connections_max,
            settled.pool_timeout,
            self.connect_timeout.saturating_mul(hosts),
        )?;
        let limits = Limits {
            write: self.write_timeout,
            read: self.read_timeout,
            migrate: self.migrate_timeout,
        };
        PostgresStore::start(Work::new(
            store,
            engine,
            connections,
            options.connector()?,
            settled.schema,
            limits,
        ))
    }

    /// Resolves each setting: from the builder, else from the URL, else its default.
    fn settled(&self, options: &ConnectionOptions) -> Result<Settled, OpenError> {
        let of_url = options.for_store();
        let of_prisma = || of_url.schema.clone().filter(|_| self.takes_schema_of_url);
        let schema = self.schema.clone().or_else(of_prisma);
        let schema = schema.unwrap_or_else(|| DEFAULT_SCHEMA.to_owned());
        if schema.is_empty() || schema.len() > SCHEMA_BYTES_MAX || schema.contains('\0') {
            return Err(OpenError::SchemaName);
        }
        let connections_max = self.connections_max.or(of_url.connections_max);
        let pool_timeout = self.pool_timeout.or(of_url.pool_timeout);
        Ok(Settled {
            schema,
            connections_max: connections_max
                .unwrap_or(CONNECTIONS_DEFAULT)
                .max(CONNECTIONS_MIN),
            pool_timeout: pool_timeout.unwrap_or(POOL_TIMEOUT_DEFAULT),
        })
    }
}

/// The settings that the builder and the URL determine together.
#[derive(Debug, PartialEq, Eq)]
struct Settled {
    schema: String,
    connections_max: usize,
    pool_timeout: Duration,
}

/// Logs the options of the URL that have no effect; a distrusted password file is a warning.
fn tell_ignored(options: &ConnectionOptions, takes_schema: bool) {
    for ignored in options.ignored() {
        if ignored.option == "passfile" {
            tracing::warn!("{ignored}");
        } else {
            tracing::info!("{ignored}");
        }
    }
    if options.for_store().schema.is_some() && !takes_schema {
        tracing::info!(
            "the option `schema` of the connection string is ignored: the schema of the table is set beside it, as by --schema or TRACKER_SCHEMA"
        );
    }
}

/// Shows no text of the URL, which may hold a password.
impl std::fmt::Debug for PostgresStoreBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStoreBuilder")
            .field("schema", &self.schema)
            .field("connections_max", &self.connections_max)
            .field("connect_timeout", &self.connect_timeout)
            .field("pool_timeout", &self.pool_timeout)
            .field("write_timeout", &self.write_timeout)
            .field("read_timeout", &self.read_timeout)
            .field("migrate_timeout", &self.migrate_timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "postgres://h?connection_limit=7&pool_timeout=9&schema=public";

    fn settled(builder: &PostgresStoreBuilder) -> Settled {
        let options = ConnectionOptions::parse(&builder.url).unwrap();
        builder.settled(&options).unwrap()
    }

    #[test]
    fn a_url_sets_what_the_builder_leaves_open_and_the_schema_only_where_that_is_asked_for() {
        let builder = || PostgresStore::builder(URL);
        let of_url = Settled {
            schema: DEFAULT_SCHEMA.to_owned(),
            connections_max: 7,
            pool_timeout: Duration::from_secs(9),
        };
        assert_eq!(settled(&builder()), of_url);
        assert_eq!(settled(&builder().schema_of_url()).schema, "public");
        let set = builder()
            .schema_of_url()
            .schema("own")
            .connections_max(3)
            .pool_timeout(Duration::from_secs(1));
        assert_eq!(
            settled(&set),
            Settled {
                schema: "own".to_owned(),
                connections_max: 3,
                pool_timeout: Duration::from_secs(1),
            }
        );
    }

    #[test]
    fn one_connection_counts_as_the_fewest_that_there_can_be() {
        let one = PostgresStore::builder("postgres://h?connection_limit=1");
        assert_eq!(settled(&one).connections_max, CONNECTIONS_MIN);
    }

    #[test]
    fn a_store_reads_the_environment_that_it_is_given() {
        let environment = Environment::none()
            .with_variable("PGHOST", "variable")
            .with_variable("PGUSER", "worker");
        let store = PostgresStore::builder("postgres:///app").environment(environment);
        let described = crate::Store::describe(&store.build().unwrap());
        assert_eq!(described, "Postgres at variable:5432/app as worker");

        let none = PostgresStore::builder("postgres:///app").environment(Environment::none());
        assert!(matches!(none.build(), Err(OpenError::ConnectionString(_))));
    }
}
