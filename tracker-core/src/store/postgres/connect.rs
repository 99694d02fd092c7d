//! From a connection string to something that connects: which options there are, what they mean, what is the default.

use std::fmt;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, RecyclingMethod};
use tokio_postgres::config::{Host, SslMode, SslNegotiation};
use tokio_postgres::{Config, NoTls};

use super::connection_string::{self, ConnectionStringError, Parameters};
use super::listen::Connector;
use super::tls::{Protection, TlsError};

/// How long to wait for one address of the server to take the connection, where the string says nothing.
const CONNECT_TIMEOUT_DEFAULT: Duration = Duration::from_secs(5);

/// What the server's `pg_stat_activity` and logs show, where the string says nothing.
const APPLICATION_NAME_DEFAULT: &str = "tracker";

const PORT_DEFAULT: u16 = 5432;

/// Which Postgres to connect to, as whom and how protected: a connection string, understood.
///
/// The string is a URL or, as for libpq, `key=value` pairs. Both have the same options:
///
/// ```
/// use tracker_core::store::postgres::ConnectionOptions;
///
/// let url = ConnectionOptions::parse("postgres://app:s%40crate@db.example/shop?sslmode=verify-full")?;
/// let pairs = ConnectionOptions::parse(r"host=db.example user=app password='s@cra\'te' dbname=shop")?;
///
/// assert_eq!(url.describe(), "db.example:5432/shop as app");
/// assert_eq!(pairs.describe(), url.describe());
/// # Ok::<_, tracker_core::store::postgres::ConnectionStringError>(())
/// ```
///
/// | option | meaning | default |
/// | --- | --- | --- |
/// | `host` | host name, address or directory of a Unix socket; several, separated by commas, are tried in turn | must be given |
/// | `hostaddr` | IP address to use in place of looking the host's up; also in place of `host` | looked up |
/// | `port` | one for all hosts, or one for each | 5432 |
/// | `user` | role to connect as | name of the operating system's user |
/// | `password` | its password | none |
/// | `dbname` | database | name of the user |
/// | `sslmode` | see below | `prefer` |
/// | `sslrootcert` | PEM file of the certificate authorities to trust, or `system` | see below |
/// | `sslnegotiation` | `direct` starts TLS at once (Postgres 17; needs `sslmode` `require` or stricter) | `postgres` |
/// | `channel_binding` | `disable`, `prefer` or `require`: tie the password exchange to the TLS session | `prefer` |
/// | `connect_timeout` | seconds for one address to take the connection (TLS and login come after it); 0 waits as long as the operating system does | 5 |
/// | `application_name` | what the server shows for the connection | `tracker` |
/// | `keepalives` | 0 turns TCP keepalives off | on |
/// | `keepalives_idle` | seconds of silence before the first | 7200 |
/// | `keepalives_interval` | seconds between them | the operating system's |
/// | `keepalives_count` | how many go unanswered before the connection counts as lost | the operating system's |
/// | `tcp_user_timeout` | milliseconds that sent data may go unacknowledged; 0 leaves it to the operating system | the operating system's |
/// | `target_session_attrs` | `any`, `read-write` or `read-only`: take only a host with such sessions | `any` |
/// | `load_balance_hosts` | `random` tries hosts in random order | `disable` |
/// | `options` | command-line options for the server's session | none |
///
/// An option given twice has the value given last. An option with an empty value counts as not given. An option that
/// isn't in the table is an error. Environment variables (`PGHOST`, `PGPASSWORD`, …) and files (`~/.pgpass`, service
/// files) are never read. A string has at most 64 KiB.
///
/// In a URL an `@`, `/` or `?` of a user name or password must be percent-encoded (`%40`, `%2F`, `%3F`), and an `@`
/// everywhere else too.
///
/// # `sslmode`
///
/// | mode | encrypted | server's certificate |
/// | --- | --- | --- |
/// | `disable` | no | |
/// | `prefer` | if the server can | not checked |
/// | `require` | yes | not checked; with `sslrootcert` checked as by `verify-ca` |
/// | `verify-ca` | yes | issued by an authority in `sslrootcert`, which must be given; for any name |
/// | `verify-full` | yes | issued by an authority in `sslrootcert` or, without it or with `system`, by one that the operating system trusts; and for this host (as a subject alternative name; a common name doesn't count) |
///
/// Only `verify-full` keeps out someone in the middle who has a certificate of their own from the same authority. With
/// `sslrootcert=system` it is the default, and the weaker modes but `disable` are errors. On a Unix socket there is no
/// TLS: when every host is one, `sslmode` is ignored.
#[derive(Clone)]
pub struct ConnectionOptions {
    config: Config,
    protection: Protection,
}

impl ConnectionOptions {
    /// Reads a connection string. Nothing is opened, looked up or connected to.
    ///
    /// # Errors
    ///
    /// A [`ConnectionStringError`] if the string is malformed, has an unknown option or an impossible value, or names no
    /// host. It holds no part of the string but names of options, so it can be logged.
    pub fn parse(connection_string: &str) -> Result<Self, ConnectionStringError> {
        let mut parameters = connection_string::parse(connection_string)?;
        let protection = Protection::parse(
            parameters.remove("sslmode").as_deref(),
            parameters.remove("sslrootcert").as_deref(),
        )?;
        // Here rather than by the driver, which takes it for seconds where libpq has milliseconds.
        let tcp_user_timeout = parameters
            .remove("tcp_user_timeout")
            .map(|text| {
                text.parse::<u32>()
                    .map_err(|_| invalid_value("tcp_user_timeout"))
            })
            .transpose()?;
        if !parameters.contains_key("connect_timeout") {
            parameters.insert(
                "connect_timeout",
                CONNECT_TIMEOUT_DEFAULT.as_secs().to_string(),
            );
        }
        parameters
            .entry("application_name")
            .or_insert_with(|| APPLICATION_NAME_DEFAULT.to_owned());
        if let Some(address) = parameters.get("hostaddr") {
            // The driver wants a name for TLS. Without one, the certificate has to be for the address.
            let address = address.clone();
            parameters.entry("host").or_insert(address);
        }

        let mut config = driver_config(&parameters)?;
        if let Some(milliseconds) = tcp_user_timeout.filter(|milliseconds| *milliseconds > 0) {
            config.tcp_user_timeout(Duration::from_millis(milliseconds.into()));
        }
        check_hosts(&config)?;
        let protection = if config.get_hosts().iter().all(is_socket) {
            Protection::Plaintext
        } else if config.get_ssl_negotiation() == SslNegotiation::Direct
            && protection.ssl_mode() != SslMode::Require
        {
            return Err(ConnectionStringError::ConflictingTls {
                advice: "with sslnegotiation=direct use sslmode require, verify-ca or verify-full",
            });
        } else {
            protection
        };
        config.ssl_mode(protection.ssl_mode());
        Ok(Self { config, protection })
    }

    /// Where these options lead, for people and logs: `host:port/dbname as user`, without the password.
    ///
    /// Several hosts are separated by commas, a database or user that the string doesn't name is left out, and control
    /// characters are escaped.
    #[must_use]
    pub fn describe(&self) -> String {
        let ports = self.config.get_ports();
        let hosts = self.config.get_hosts().iter().enumerate().map(|(i, host)| {
            let port = ports.get(i).or(ports.first()).unwrap_or(&PORT_DEFAULT);
            match host {
                Host::Tcp(host) if host.contains(':') => format!("[{host}]:{port}"),
                Host::Tcp(host) => format!("{host}:{port}"),
                #[cfg(unix)]
                Host::Unix(directory) => format!("{}:{port}", directory.display()),
            }
        });
        let mut text = hosts.collect::<Vec<_>>().join(",");
        let user = self.config.get_user();
        if let Some(dbname) = self.config.get_dbname().or(user) {
            text.extend(["/", dbname]);
        }
        if let Some(user) = user {
            text.extend([" as ", user]);
        }
        escape_controls(&text)
    }

    /// How many hosts are tried in turn.
    pub(super) fn hosts(&self) -> usize {
        self.config.get_hosts().len()
    }

    /// What a `deadpool-postgres` pool makes its connections with, for a pool of your own.
    ///
    /// Reads the root certificates (blocking, a few milliseconds for the operating system's), once for all connections.
    /// The pool takes an idle connection that the server hasn't closed as good, without asking the server.
    ///
    /// # Errors
    ///
    /// A [`TlsError`] if the root certificates can't be read or there are none.
    pub fn manager(&self) -> Result<Manager, TlsError> {
        let config = self.config.clone();
        let manager_config = ManagerConfig {
            // A round trip per checkout would prove little: the connection can still break under the next statement.
            recycling_method: RecyclingMethod::Fast,
        };
        Ok(match &self.protection {
            Protection::Plaintext => Manager::from_config(config, NoTls, manager_config),
            protection => Manager::from_config(config, protection.connector()?, manager_config),
        })
    }

    /// What makes a connection outside a pool.
    pub(super) fn connector(&self) -> Result<Connector, TlsError> {
        Ok(Connector {
            config: self.config.clone(),
            tls: match &self.protection {
                Protection::Plaintext => None,
                protection => Some(protection.connector()?),
            },
        })
    }
}

/// Shows no text of the connection string: of a mistyped one, any part may be a part of the password. What is safe to
/// show of a well-formed one, [`describe`](ConnectionOptions::describe) does.
impl fmt::Debug for ConnectionOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionOptions")
            .field("hosts", &self.config.get_hosts().len())
            .field("sslmode", &self.protection.name())
            .field("connect_timeout", &self.config.get_connect_timeout())
            .finish_non_exhaustive()
    }
}

/// The driver's configuration, read by the driver from the options in the one form that can't be misread.
fn driver_config(parameters: &Parameters) -> Result<Config, ConnectionStringError> {
    let mut pairs = String::new();
    for (&name, value) in parameters {
        let value = value.replace('\\', r"\\").replace('\'', r"\'");
        let pair = format!("{}='{value}' ", driver_name(name));
        // Each on its own first, to learn which one is at fault. The driver's error is not kept as a source: it can
        // repeat the text it was given.
        pair.parse::<Config>().map_err(|_| invalid_value(name))?;
        pairs += &pair;
    }
    // Every pair has been read on its own, so the whole can be read as well.
    pairs
        .parse()
        .map_err(|_| ConnectionStringError::UnknownOption)
}

/// What the driver calls the option; where the two differ, ours is libpq's name.
fn driver_name(option: &'static str) -> &'static str {
    match option {
        "keepalives_count" => "keepalives_retries",
        same => same,
    }
}

fn invalid_value(option: &'static str) -> ConnectionStringError {
    let expected = match option {
        "port" => {
            "port numbers up to 65535, separated by commas (in a URL, write a `:` of a password as %3A)"
        }
        "hostaddr" => "IP addresses, separated by commas",
        "keepalives" => "0 or 1",
        "sslnegotiation" => "postgres or direct",
        "channel_binding" => "disable, prefer or require",
        "target_session_attrs" => "any, read-write or read-only",
        "load_balance_hosts" => "disable or random",
        _ => "a whole number",
    };
    ConnectionStringError::InvalidValue { option, expected }
}

/// Refuses what the driver would refuse at every attempt to connect.
fn check_hosts(config: &Config) -> Result<(), ConnectionStringError> {
    let hosts = config.get_hosts();
    let named = |host: &Host| !matches!(host, Host::Tcp(name) if name.is_empty());
    if hosts.is_empty() || !hosts.iter().all(named) {
        return Err(ConnectionStringError::MissingHost);
    }
    let (addresses, ports) = (config.get_hostaddrs().len(), config.get_ports().len());
    if (addresses > 0 && addresses != hosts.len()) || (ports > 1 && ports != hosts.len()) {
        return Err(ConnectionStringError::UnequalLists);
    }
    Ok(())
}

fn is_socket(host: &Host) -> bool {
    !matches!(host, Host::Tcp(_))
}

fn escape_controls(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
