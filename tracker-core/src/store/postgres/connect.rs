//! Interprets a connection string: its options, their meanings and their defaults.

mod driver;
mod store_options;

use std::fmt;

use deadpool_postgres::{Manager, ManagerConfig, RecyclingMethod};
use tokio_postgres::{
    Config, NoTls,
    config::{Host, SslMode},
};

pub(super) use self::store_options::StoreOptions;
use super::{
    connection_string::{self, ConnectionStringError, Environment, Ignored, Parsed},
    listen::Connector,
    tls::{Tls, TlsError},
};

const PORT_DEFAULT: u16 = 5432;

/// The server to connect to, the role to connect as and the protection of the connection, read from
/// a connection string.
///
/// The string is a URL or, as for libpq, `key=value` pairs. Both forms have the same options:
///
/// ```
/// use tracker_core::store::postgres::ConnectionOptions;
///
/// let url = ConnectionOptions::parse(
///     "postgres://app:s%40crate@db.example/shop?sslmode=verify-full",
/// )?;
/// let pairs = ConnectionOptions::parse(
///     r"host=db.example user=app password='s@cra\'te' dbname=shop",
/// )?;
///
/// assert_eq!(url.describe(), "db.example:5432/shop as app");
/// assert_eq!(pairs.describe(), url.describe());
/// # Ok::<_, tracker_core::store::postgres::ConnectionStringError>(())
/// ```
///
/// | option | meaning | default |
/// | --- | --- | --- |
/// | `host` | host name, address or directory of a Unix socket; several, separated by commas, are tried in turn | must be given |
/// | `hostaddr` | IP address, which saves the look-up of the host's name; may be given without `host` | looked up |
/// | `port` | one for all hosts, or one for each | 5432 |
/// | `user` | role to connect as | name of the operating system's user |
/// | `password` | its password | none |
/// | `dbname` | database | name of the user |
/// | `sslmode` | see below | `prefer` |
/// | `sslrootcert` | PEM file of the certificates to trust, or `system` | see below |
/// | `sslcert` | PEM file of the client's certificate, followed by those of intermediate authorities | none is sent |
/// | `sslkey` | file of its key, PEM or DER, readable by its owner only, or also by a group if root owns it | must be given with `sslcert` |
/// | `sslpassword` | password of the key, with the feature `sslpassword` | none |
/// | `sslcertmode` | `disable` sends no certificate, `allow` sends it if the server asks for one | `allow` |
/// | `sslnegotiation` | `direct` starts TLS at once (Postgres 17; needs `sslmode` `require` or stricter) | `postgres` |
/// | `sslsni` | 0 leaves the host's name out of the TLS handshake | 1 |
/// | `ssl_min_protocol_version`, `ssl_max_protocol_version` | `TLSv1.2` or `TLSv1.3`; a lower minimum counts as `TLSv1.2` | both |
/// | `channel_binding` | `disable`, `prefer` or `require`: tie the password exchange to the TLS session | `prefer` |
/// | `connect_timeout` | seconds for one address to take the connection (TLS and login come after it); 0 waits as long as the operating system does | 5 |
/// | `application_name` | name that the server shows for the connection | `fallback_application_name`, else `tracker` |
/// | `keepalives` | 0 turns TCP keepalives off | on |
/// | `keepalives_idle` | seconds of silence before the first | 7200 |
/// | `keepalives_interval` | seconds between them | the operating system's |
/// | `keepalives_count` | number of unanswered ones after which the connection counts as lost | the operating system's |
/// | `tcp_user_timeout` | milliseconds that sent data may go unacknowledged; 0 leaves it to the operating system | the operating system's |
/// | `target_session_attrs` | `any`, `read-write` or `read-only`: accept only a host with such sessions. `primary` counts as `read-write`, `standby` as `read-only` and `prefer-standby` as `any` | `any` |
/// | `load_balance_hosts` | `random` tries hosts in random order | `disable` |
/// | `options` | command-line options for the server's session | none |
/// | `service`, `servicefile` | take what the string leaves open from this service in this file | none |
/// | `passfile` | file of passwords, which only its owner can read | none |
///
/// An option given twice has the value given last. An option with an empty value counts as not
/// given. A string has at most 64 KiB. Blanks, line ends and quotes around it are ignored.
///
/// Options of other clients are accepted too, so that a URL works as a hoster shows it:
///
/// - `ssl=true`, which stands for `sslmode=require`;
/// - `sslaccept`, whose value `strict` makes `verify-full` of `allow`, `prefer` and `require`, and
///   whose value `accept_invalid_certs` makes `no-verify` of `require`;
/// - sqlx's `ssl-mode`, `ssl-root-cert`, `ssl-ca`, `ssl-cert` and `ssl-key`;
/// - Prisma's `connection_limit`, `pool_timeout` and `schema`, which apply to a store, as
///   [`PostgresStoreBuilder`](super::PostgresStoreBuilder) explains.
///
/// Options that have no effect here, such as `pgbouncer` and `statement_cache_size`, are
/// [`ignored`](Self::ignored). Any other option is an error.
///
/// In a URL an `@`, `/` or `?` of a user name or password must be percent-encoded (`%40`, `%2F`,
/// `%3F`), and an `@` everywhere else too.
///
/// # The environment
///
/// [`parse`](Self::parse) reads the string alone, and only those files that it names.
/// [`parse_in`](Self::parse_in), which a store uses, takes options that the string leaves open from
/// these sources, in libpq's order:
///
/// 1. from the service that `service` or `PGSERVICE` names, in the file of `servicefile`,
///    `PGSERVICEFILE` or `~/.pg_service.conf`, else in `pg_service.conf` of the directory
///    `PGSYSCONFDIR`;
/// 2. from the variables `PGHOST`, `PGPORT`, `PGDATABASE`, `PGUSER`, `PGPASSWORD`, `PGSSLMODE` and
///    the other ones of libpq except `PGTZ`, `PGDATESTYLE` and `PGGEQO`;
/// 3. the password from the file of `passfile` or `PGPASSFILE`, else from `~/.pgpass`;
/// 4. certificates from `~/.postgresql/`: `root.crt` for `sslrootcert`, `postgresql.crt` and
///    `postgresql.key` for `sslcert` and `sslkey`.
///
/// The environment is read once, not at each connection.
///
/// # `sslmode`
///
/// | mode | encrypted | server's certificate |
/// | --- | --- | --- |
/// | `disable` | no | |
/// | `prefer`, `allow` | if the server can | not checked |
/// | `no-verify` | yes | not checked |
/// | `require` | yes | not checked; with `sslrootcert` checked as by `verify-ca` |
/// | `verify-ca` | yes | in `sslrootcert`, which must be given, or issued by an authority in it; for any host name |
/// | `verify-full` | yes | the same or, without `sslrootcert` or with `system`, issued by an authority that the operating system trusts; and for this host, by an alternative name or, if it has none of the host's kind, by its common name |
///
/// Only `verify-full` protects against a man in the middle who has a certificate of their own from
/// the same authority. With `sslrootcert=system` it is the default, and the weaker modes except
/// `disable` are errors. A Unix socket has no TLS: when every host is one, `sslmode` is ignored.
///
/// Unlike libpq, `prefer` does not fall back to plaintext when the handshake or the login over TLS
/// fails, `allow` does not begin with plaintext, and neither reads `sslrootcert`.
///
/// A certificate that is not checked may be of any kind, for instance expired or of version 1, but
/// the server must hold its key. The key is RSA, P-256, P-384 or Ed25519; in TLS 1.3 also RSA
/// restricted to RSASSA-PSS and, with the feature `p521`, P-521.
#[derive(Clone)]
pub struct ConnectionOptions {
    config: Config,
    tls: Tls,
    for_store: StoreOptions,
    ignored: Vec<Ignored>,
}

impl ConnectionOptions {
    /// Reads a connection string. It looks up and connects to nothing, and reads no files but those
    /// that the string names as `servicefile` and `passfile`.
    ///
    /// # Errors
    ///
    /// Returns a [`ConnectionStringError`] if the string is malformed, has an unknown option or an
    /// impossible value, or names no host. The error holds no part of the string except names of
    /// options, so it can be logged.
    pub fn parse(connection_string: &str) -> Result<Self, ConnectionStringError> {
        Self::parse_in(connection_string, &Environment::none())
    }

    /// Reads a connection string, and takes options that it leaves open from `environment`. Blocks
    /// while files are read.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`parse`](Self::parse). Also an error if the service does not exist,
    /// its file has a line that is no option, or an existing file can't be read.
    pub fn parse_in(
        connection_string: &str,
        environment: &Environment,
    ) -> Result<Self, ConnectionStringError> {
        let Parsed {
            mut parameters,
            mut ignored,
        } = connection_string::parse(connection_string, environment)?;
        let for_store = StoreOptions::take(&mut parameters)?;
        let tls = Tls::take(&mut parameters, environment)?;
        let mut config = driver::configuration(parameters, &mut ignored)?;
        let tls = if config.get_hosts().iter().all(driver::is_socket) {
            tls.off()
        } else if driver::is_direct(&config) && tls.ssl_mode() != SslMode::Require {
            return Err(ConnectionStringError::ConflictingTls {
                advice: "with sslnegotiation=direct use sslmode require, verify-ca or verify-full",
            });
        } else {
            tls
        };
        config.ssl_mode(tls.ssl_mode());
        Ok(Self {
            config,
            tls,
            for_store,
            ignored,
        })
    }

    /// Returns the options of the string and its environment that have no effect, each with the
    /// reason.
    #[must_use]
    pub fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    /// The options that concern the store instead of its connections.
    pub(super) fn for_store(&self) -> &StoreOptions {
        &self.for_store
    }

    /// Describes the target for people and logs, without the password: `host:port/dbname as user`.
    ///
    /// Several hosts are separated by commas. A database or user that the string doesn't name is
    /// left out. Control characters are escaped.
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

    /// The number of hosts, which are tried in turn.
    pub(super) fn hosts(&self) -> usize {
        self.config.get_hosts().len()
    }

    /// Returns a manager for a `deadpool-postgres` pool of your own.
    ///
    /// Reads the certificates, once for all connections. The call blocks, for a few milliseconds
    /// where they are the operating system's. The pool considers an idle connection good as long as
    /// the server hasn't closed it, without asking the server.
    ///
    /// # Errors
    ///
    /// Returns a [`TlsError`] if certificates or the key can't be read, or there are none.
    pub fn manager(&self) -> Result<Manager, TlsError> {
        let config = self.config.clone();
        let manager_config = ManagerConfig {
            // A round trip per checkout would prove little: the connection can still break under
            // the next statement.
            recycling_method: RecyclingMethod::Fast,
        };
        Ok(match self.tls.connector()? {
            None => Manager::from_config(config, NoTls, manager_config),
            Some(tls) => Manager::from_config(config, tls, manager_config),
        })
    }

    /// Returns a connector for connections outside a pool.
    pub(super) fn connector(&self) -> Result<Connector, TlsError> {
        Ok(Connector {
            config: self.config.clone(),
            tls: self.tls.connector()?,
        })
    }
}

/// Shows no text of the connection string: any part of a mistyped one may be a part of the
/// password. [`describe`](ConnectionOptions::describe) shows the safe parts of a well-formed one.
impl fmt::Debug for ConnectionOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionOptions")
            .field("hosts", &self.config.get_hosts().len())
            .field("sslmode", &self.tls.name())
            .field("connect_timeout", &self.config.get_connect_timeout())
            .finish_non_exhaustive()
    }
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
