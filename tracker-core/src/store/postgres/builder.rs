//! Every knob of a [`PostgresStore`]: [`PostgresStoreBuilder`].

use std::{sync::Arc, time::Duration};

use super::{
    connect::ConnectionOptions,
    connection_string::Environment,
    connections::Connections,
    engine::Engine,
    store::{Limits, PostgresStore},
};
use crate::store::{DEFAULT_SCHEMA, OpenError};

/// The longest identifier of Postgres, in bytes; the server would cut a longer one silently.
const SCHEMA_BYTES_MAX: usize = 63;

/// One for writing alone, and one for everything else.
const CONNECTIONS_MIN: usize = 2;

const CONNECTIONS_DEFAULT: usize = 4;

const POOL_TIMEOUT_DEFAULT: Duration = Duration::from_secs(5);

/// Sets up a [`PostgresStore`]; made by [`PostgresStore::builder`].
///
/// A time limit of zero is reached at once, which only a test can use, and one of [`Duration::MAX`] never.
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
    /// The store at this URL, with all defaults.
    ///
    /// The URL is one of libpq's, as [`ConnectionOptions`](super::ConnectionOptions) explains. Nothing is connected to.
    ///
    /// # Errors
    ///
    /// As [`build`](PostgresStoreBuilder::build).
    pub fn new(url: impl Into<String>) -> Result<Self, OpenError> {
        Self::builder(url).build()
    }

    /// Every knob of the store at this URL.
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
    /// Sets what is read beside the URL for what it leaves open, as [`ConnectionOptions`] explains: `PGPASSWORD` or
    /// `~/.pgpass` for instance. Default: [`Environment::of_process`], when the store is built. With
    /// [`Environment::none`] the URL says all.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Sets the schema of the table: any identifier of Postgres, as it is, unquoted, of 1 to 63 bytes. Default:
    /// [`DEFAULT_SCHEMA`].
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Takes the `schema` of a URL of Prisma's, where it has one and [`schema`](Self::schema) sets none. Otherwise it is
    /// ignored, as it names where Prisma's own tables are.
    pub fn schema_of_url(mut self) -> Self {
        self.takes_schema_of_url = true;
        self
    }

    /// Sets how many connections there are at most; they are made as they are needed and kept. Default: the URL's
    /// `connection_limit`, else 4.
    ///
    /// One of them is for writing alone, so that readers can't keep it waiting: fewer than 2 count as 2. The writer of a
    /// tracker uses one at a time. The server has about 100 for all its clients unless it is set up for more. Where it refuses another one because
    /// there are too many, those that there are are waited for, one if need be, and a minute later more are asked for.
    pub fn connections_max(mut self, connections_max: usize) -> Self {
        self.connections_max = Some(connections_max);
        self
    }

    /// Sets how long making a connection may take for each host of the URL: the look-up of its name, TLS and the login
    /// included. Default: 5 s.
    ///
    /// The `connect_timeout` of the URL limits in addition how long each address may take to accept.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Sets how long to wait for a connection that is free, when all are in use. Default: the URL's `pool_timeout`, in
    /// seconds of which 0 is no limit, else 5 s.
    pub fn pool_timeout(mut self, limit: Duration) -> Self {
        self.pool_timeout = Some(limit);
        self
    }

    /// Sets how long writing a batch may take once there is a connection. Default: 10 s.
    ///
    /// The server is given the limit too, so that a statement that nobody waits for does not stay behind, in front of a
    /// lock for example; there it counts in whole milliseconds, from 1 to about 24 days. A first attempt that meets a
    /// row that is there already is followed by another, which has the same time again.
    pub fn write_timeout(mut self, limit: Duration) -> Self {
        self.write_timeout = limit;
        self
    }

    /// Sets how long reading a page, or a check, may take once there is a connection. Default: 10 s. Otherwise as
    /// [`write_timeout`](Self::write_timeout).
    pub fn read_timeout(mut self, limit: Duration) -> Self {
        self.read_timeout = limit;
        self
    }

    /// Sets how long the migrations may take altogether, waiting for another process that migrates included. Default:
    /// 10 minutes.
    ///
    /// What takes long is building the indexes on a table that has rows already: some seconds for a million of them.
    /// And a build waits for every transaction that was open when it began.
    pub fn migrate_timeout(mut self, limit: Duration) -> Self {
        self.migrate_timeout = limit;
        self
    }

    /// Sets up the store. Nothing is connected to: a worker starts although its database is down, and
    /// [`check`](crate::Store::check) tells whether it is.
    ///
    /// # Errors
    ///
    /// An [`OpenError`] if the URL is malformed, a file that it or the environment asks for can't be read, the name of
    /// the schema can't be one, or no thread can be started.
    pub fn build(self) -> Result<PostgresStore, OpenError> {
        let environment = self.environment.clone();
        let environment = environment.unwrap_or_else(Environment::of_process);
        let options = ConnectionOptions::parse_in(&self.url, &environment)?;
        tell_ignored(&options, self.takes_schema_of_url);
        let settled = self.settled(&options)?;
        // At least one, and far fewer than would make a difference to the conversion.
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
        PostgresStore::start(
            store,
            engine,
            connections,
            options.connector()?,
            settled.schema,
            limits,
        )
    }

    /// What was set, else what the URL says, else the default.
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

/// What the builder and the URL come to together.
#[derive(Debug, PartialEq, Eq)]
struct Settled {
    schema: String,
    connections_max: usize,
    pool_timeout: Duration,
}

/// What a URL says without effect, in the log: a password file that is not trusted above all.
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
            "the option `schema` of the connection string is ignored: the schema of the table is the builder's"
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
