//! The sources that libpq reads beside a connection string: the `PG*` variables and files of the
//! user's home directory.

use std::{
    collections::BTreeMap,
    env, fmt,
    path::{Path, PathBuf},
};

use super::{ConnectionStringError, gathered::Gathered};

/// libpq's variables for options that the string and the service leave open. Those for the
/// session's settings (`PGTZ`, `PGDATESTYLE`, `PGGEQO`) serve programs that show times and plans,
/// and are not read.
const VARIABLES: [(&str, &str); 35] = [
    ("PGAPPNAME", "application_name"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGCLIENTENCODING", "client_encoding"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGDATABASE", "dbname"),
    ("PGGSSDELEGATION", "gssdelegation"),
    ("PGGSSENCMODE", "gssencmode"),
    ("PGGSSLIB", "gsslib"),
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGKRBSRVNAME", "krbsrvname"),
    ("PGLOADBALANCEHOSTS", "load_balance_hosts"),
    ("PGMAXPROTOCOLVERSION", "max_protocol_version"),
    ("PGMINPROTOCOLVERSION", "min_protocol_version"),
    ("PGOPTIONS", "options"),
    ("PGPASSFILE", "passfile"),
    ("PGPASSWORD", "password"),
    ("PGPORT", "port"),
    ("PGREQUIREAUTH", "require_auth"),
    ("PGREQUIREPEER", "requirepeer"),
    ("PGREQUIRESSL", "requiressl"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLCERTMODE", "sslcertmode"),
    ("PGSSLCOMPRESSION", "sslcompression"),
    ("PGSSLCRL", "sslcrl"),
    ("PGSSLCRLDIR", "sslcrldir"),
    ("PGSSLKEY", "sslkey"),
    ("PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"),
    ("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLNEGOTIATION", "sslnegotiation"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLSNI", "sslsni"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
    ("PGUSER", "user"),
];

/// The sources that are read beside a connection string, as libpq does: the `PG*` variables, and
/// the files `~/.pgpass`, `~/.pg_service.conf` and, in `~/.postgresql/`, `root.crt`,
/// `postgresql.crt` and `postgresql.key`.
///
/// By default a store reads the environment [of its process](Self::of_process); its
/// [builder](super::super::PostgresStoreBuilder::environment) sets another.
#[derive(Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Environment {
    variables: BTreeMap<String, String>,
    home: Option<PathBuf>,
    user: Option<String>,
}

impl Environment {
    /// Returns an empty environment: only the connection string counts.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads the current variables, home directory and user of this process. A variable that is not
    /// UTF-8 is left out.
    pub fn of_process() -> Self {
        let variables = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with("PG"))
            .collect();
        Self {
            variables,
            home: env::home_dir().filter(|home| !home.as_os_str().is_empty()),
            user: whoami::username().ok(),
        }
    }

    /// Sets one of the `PG*` variables.
    pub fn with_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Sets the home directory, which has the files.
    pub fn with_home(mut self, home: impl Into<PathBuf>) -> Self {
        self.home = Some(home.into());
        self
    }

    /// Sets the name of the operating system's user, which selects lines of the password file if no
    /// other user is given.
    pub fn with_user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Returns the variable's value if it is set and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    pub(super) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Returns the path of a file in the home directory.
    pub(super) fn in_home(&self, name: impl AsRef<Path>) -> Option<PathBuf> {
        self.home.as_ref().map(|home| home.join(name))
    }

    /// Returns the path of a file in libpq's directory of keys and certificates, if the file
    /// exists.
    pub(in super::super) fn certificate_file(&self, name: &str) -> Option<PathBuf> {
        let directory = if cfg!(windows) {
            r"AppData\Roaming\postgresql"
        } else {
            ".postgresql"
        };
        let path = self.in_home(Path::new(directory).join(name))?;
        path.exists().then_some(path)
    }

    /// Sets options that the string and the service leave open.
    pub(super) fn fill(&self, gathered: &mut Gathered) -> Result<(), ConnectionStringError> {
        for (variable, option) in VARIABLES {
            if let Some(value) = self.variable(variable) {
                gathered.fill(option, value.to_owned())?;
            }
        }
        Ok(())
    }
}

/// Shows no value, since one may be a password.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.variables.keys())
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}
