//! An empty database for one test, on a server that the tests of a process share.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;
use std::{env, thread};

use anyhow::Context as _;
use tokio_postgres::Client;
use url::Url;
use uuid::Uuid;

use super::cluster::Cluster;
use super::{connect, or_fail};

/// The longest time to drop a database: milliseconds, unless the machine is busy with other tests.
const DROP_LIMIT: Duration = Duration::from_secs(30);

/// A fresh, empty database, dropped with every connection to it when the value is dropped.
///
/// A test that uses one needs nothing else to be independent of all others: no name in it can
/// clash. Roles belong to the whole server, so take them from [`create_role`](Self::create_role).
///
/// On a server that `DATABASE_URL` names, a killed test process leaves its databases and roles,
/// under names that begin with `tracker_test_`. A server made here goes as a whole.
pub struct TestDatabase {
    name: String,
    url: Url,
    roles: Mutex<Vec<String>>,
}

impl TestDatabase {
    /// Creates the database; the first call in a process starts the server.
    ///
    /// # Panics
    ///
    /// If there is no server: `DATABASE_URL` names none that a superuser can reach without TLS, or,
    /// without that variable, the server binaries are missing.
    pub async fn create() -> Self {
        Self::create_with("").await
    }

    /// Creates one with options of CREATE DATABASE: `ENCODING 'LATIN1'`.
    ///
    /// # Panics
    ///
    /// If [`create`](Self::create) would panic, or if the server has no such option.
    pub async fn create_with(options: &str) -> Self {
        or_fail(Self::try_create(options).await)
    }

    async fn try_create(options: &str) -> anyhow::Result<Self> {
        let server = tokio::task::spawn_blocking(SharedServer::get).await?;
        let name = unique_name();
        let maintenance = connect(server.url.as_str()).await?;
        // The template is one without connections: any connection to `template1` would make this
        // fail.
        maintenance
            .batch_execute(&format!(
                "CREATE DATABASE {name} TEMPLATE template0 {options}"
            ))
            .await
            .context("can't create a database: the user of DATABASE_URL must be a superuser")?;
        let mut url = server.url.clone();
        url.set_path(&name);
        Ok(Self {
            name,
            url,
            roles: Mutex::default(),
        })
    }

    /// Returns the superuser's `postgres://` URL of the database.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Connects as the superuser, without TLS. The connection is driven on a task of the current
    /// runtime.
    pub async fn connect(&self) -> Client {
        or_fail(connect(self.url()).await)
    }

    /// Creates a role that may log in, and returns its URL of this database.
    ///
    /// `grants` are statements that are run in this database and give the role its rights. `{role}`
    /// stands for its name: `GRANT INSERT ON project_actions TO {role}`. The role is dropped with
    /// the database.
    ///
    /// # Panics
    ///
    /// If a grant fails.
    pub async fn create_role(&self, grants: &str) -> String {
        let role = unique_name();
        let password = Uuid::now_v7().simple().to_string();
        self.roles
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(role.clone());
        let statements = format!(
            "CREATE ROLE {role} LOGIN PASSWORD '{password}'; {}",
            grants.replace("{role}", &role)
        );
        let created = self.connect().await.batch_execute(&statements).await;
        or_fail(created.context("can't create a role"));
        let mut url = self.url.clone();
        url.set_username(&role)
            .and_then(|()| url.set_password(Some(&password)))
            .unwrap_or_else(|()| {
                panic!("DATABASE_URL names no host, so no role can be named beside it")
            });
        url.into()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let roles = std::mem::take(self.roles.get_mut().unwrap_or_else(PoisonError::into_inner));
        let dropped = on_own_runtime(drop_database(&self.name, &roles));
        match dropped {
            // A second panic would end the process and hide the first one.
            Err(error) if thread::panicking() => eprintln!("test Postgres: {error:#}"),
            dropped => or_fail(dropped),
        }
    }
}

async fn drop_database(name: &str, roles: &[String]) -> anyhow::Result<()> {
    let maintenance = connect(SharedServer::get().url.as_str()).await?;
    // One statement each: a database can't be dropped in the transaction that several would share.
    // The rights of the roles lie in the database and go with it.
    maintenance
        .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        .await
        .with_context(|| format!("can't drop the database {name}"))?;
    for role in roles {
        maintenance
            .batch_execute(&format!("DROP ROLE IF EXISTS {role}"))
            .await
            .with_context(|| format!("can't drop the role {role}"))?;
    }
    Ok(())
}

/// Runs `work` to its end from anywhere: inside a runtime (where blocking on another is refused),
/// outside of one, or after it has gone.
fn on_own_runtime(work: impl Future<Output = anyhow::Result<()>> + Send) -> anyhow::Result<()> {
    thread::scope(|scope| {
        scope
            .spawn(|| {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .context("can't build a runtime")?
                    .block_on(async { tokio::time::timeout(DROP_LIMIT, work).await })
                    .with_context(|| format!("the server did not answer in {DROP_LIMIT:?}"))?
            })
            .join()
            .unwrap_or_else(|_| Err(anyhow::anyhow!("the thread that cleans up has panicked")))
    })
}

/// A name for a database or a role that no other test process has, and that needs no quotes.
fn unique_name() -> String {
    format!("tracker_test_{}", Uuid::now_v7().simple())
}

/// The server that all databases of this process are on.
struct SharedServer {
    url: Url,
    /// Held for its lifetime only: it is never dropped, and goes when the process ends.
    _cluster: Option<Cluster>,
}

impl SharedServer {
    /// Blocks for about a second where a cluster has to be made.
    fn get() -> &'static Self {
        static SERVER: OnceLock<SharedServer> = OnceLock::new();
        SERVER.get_or_init(|| or_fail(Self::start()))
    }

    fn start() -> anyhow::Result<Self> {
        if let Ok(url) = env::var("DATABASE_URL") {
            let url = parse(&url).context(
                "DATABASE_URL is not a URL like postgres://user:password@host:port/database",
            )?;
            return Ok(Self {
                url,
                _cluster: None,
            });
        }
        let cluster = Cluster::start_new(None, Vec::new())?;
        Ok(Self {
            url: parse(&cluster.url())?,
            _cluster: Some(cluster),
        })
    }
}

/// Errors never repeat the text, in which a password may be.
fn parse(url: &str) -> anyhow::Result<Url> {
    url.parse::<tokio_postgres::Config>()?;
    Ok(url.parse()?)
}
