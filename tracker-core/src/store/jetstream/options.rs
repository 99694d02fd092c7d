//! The options of a NATS connection, parsed from a URL: [`NatsOptions`].

use std::{fmt, path::PathBuf};

use super::{
    NatsOptionsError,
    login::{Files, Login},
    subject::Subjects,
};
use async_nats::ServerAddr;

const SCHEMES: [&str; 2] = ["nats", "tls"];

const STREAM_DEFAULT: &str = "ACTIVITIES";
const SUBJECT_DEFAULT: &str = "activities";
const NAME_DEFAULT: &str = "tracker";

/// The longest URL, in bytes.
const URL_BYTES_MAX: usize = 64 << 10;

/// The longest name of a stream, and the longest subject without the project's token, in bytes.
const NAME_BYTES_MAX: usize = 128;

/// The options of a NATS connection, parsed from a URL: servers, login, encryption and stream.
///
/// ```
/// use tracker_core::nats::NatsOptions;
///
/// let options = NatsOptions::parse(
///     "tls://a.example,b.example:4222?credentials=/etc/tracker/worker.creds&stream=ACTIVITIES",
/// )?;
/// assert_eq!(
///     options.describe(),
///     "NATS stream ACTIVITIES at a.example:4222,b.example:4222",
/// );
/// # Ok::<_, tracker_core::nats::NatsOptionsError>(())
/// ```
///
/// The scheme is `nats`, or `tls` if the connection must be encrypted. It may be repeated before
/// each server. One server of a cluster is enough, because the client learns of the others from it.
/// `USER:PASSWORD@` or `TOKEN@` may precede the servers, with `@`, `:`, `/`, `?` and `%`
/// percent-encoded. The options are:
///
/// | option | meaning | default |
/// | --- | --- | --- |
/// | `stream` | the stream of the activities; their dead letters are in the stream of this name and `_DEAD` | `ACTIVITIES` |
/// | `subject` | the prefix of the subjects: an activity's subject is the prefix, a dot, and its project's ID, percent-encoded, or a number | `activities` |
/// | `subjects` | `project` for one subject for each project, or the number of subjects, 1 to 1,024, over which projects are spread | `project`; 1 on servers before 2.10, which are slow with many |
/// | `credentials` | the file with a user's JWT and key, as `nsc` makes it | none |
/// | `nkey` | the file with the seed of a user's key | none |
/// | `password_file` | the file with the password of the user in `USER@` | none |
/// | `token_file` | the file with a token | none |
/// | `tls_ca` | the PEM file of the certificate authorities to trust | those of the operating system |
/// | `tls_cert`, `tls_key` | the PEM files of the client certificate and its key | none |
/// | `tls_first` | `true` if the server starts TLS before it sends anything (`handshake_first`, from 2.10.4 on) | `false` |
/// | `domain` | the `JetStream` domain to reach through a leaf node | none |
/// | `name` | the name that the server shows for the connection | `tracker` |
///
/// Each file is read whenever a connection is made, so a replaced file takes effect without a
/// restart. At most 1 MiB of a login file is read. A line break at the end of a password or a token
/// is ignored.
///
/// Any of the `tls_` options also requires encryption. An option that isn't in the table is an
/// error. A value may be percent-encoded. Environment variables are never read. WebSocket (`ws`,
/// `wss`) is not supported.
#[derive(Clone)]
pub struct NatsOptions {
    pub(super) servers: Vec<ServerAddr>,
    pub(super) is_encrypted: bool,
    pub(super) is_tls_first: bool,
    pub(super) login: Login,
    pub(super) tls_ca: Option<PathBuf>,
    pub(super) tls_own: Option<(PathBuf, PathBuf)>,
    pub(super) domain: Option<String>,
    pub(super) name: String,
    pub(crate) stream: String,
    pub(super) subject: String,
    /// The subjects of activities, or `None` for those that suit the server.
    pub(super) subjects: Option<Subjects>,
}

impl NatsOptions {
    /// Parses a URL. Opens no file, resolves no name and connects to nothing.
    ///
    /// # Errors
    ///
    /// Returns a [`NatsOptionsError`] if the URL is malformed.
    pub fn parse(url: &str) -> Result<Self, NatsOptionsError> {
        if url.len() > URL_BYTES_MAX {
            return Err(NatsOptionsError::TooLong);
        }
        let (scheme, rest) = url.split_once("://").ok_or(NatsOptionsError::Scheme)?;
        if !SCHEMES.contains(&scheme) {
            return Err(NatsOptionsError::Scheme);
        }
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (login, hosts) = match place.rsplit_once('@') {
            Some((login, hosts)) => (Login::parse(login)?, hosts),
            None => (Login::default(), place),
        };
        let hosts = hosts.strip_suffix('/').unwrap_or(hosts);
        let servers: Result<Vec<_>, _> =
            hosts.split(',').map(|host| server(scheme, host)).collect();
        let mut options = Self {
            servers: servers?,
            is_encrypted: scheme == "tls",
            is_tls_first: false,
            login,
            tls_ca: None,
            tls_own: None,
            domain: None,
            name: NAME_DEFAULT.to_owned(),
            stream: STREAM_DEFAULT.to_owned(),
            subject: SUBJECT_DEFAULT.to_owned(),
            subjects: None,
        };
        options.read(query)?;
        Ok(options)
    }

    fn read(&mut self, query: &str) -> Result<(), NatsOptionsError> {
        let (mut cert, mut key) = (None, None);
        let mut files = Files::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let path = || Some(PathBuf::from(&*value));
            match &*name {
                "stream" => self.stream = checked("stream", &value, is_name)?,
                "subject" => self.subject = checked("subject", &value, is_subject)?,
                "subjects" => self.subjects = Some(subjects(&value)?),
                "domain" => self.domain = Some(checked("domain", &value, is_name)?),
                "name" => self.name = value.into_owned(),
                "credentials" => files.credentials = path(),
                "nkey" => files.nkey = path(),
                "password_file" => files.password = path(),
                "token_file" => files.token = path(),
                "tls_ca" => self.tls_ca = path(),
                "tls_cert" => cert = path(),
                "tls_key" => key = path(),
                "tls_first" => self.is_tls_first = is_true("tls_first", &value)?,
                _ => return Err(NatsOptionsError::UnknownOption),
            }
        }
        self.tls_own = match (cert, key) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            (has_cert, _) => {
                let option = if has_cert.is_none() {
                    "tls_cert"
                } else {
                    "tls_key"
                };
                let expected = "given together with the other of tls_cert and tls_key";
                return Err(NatsOptionsError::Value { option, expected });
            }
        };
        self.login = std::mem::take(&mut self.login).with_files(files)?;
        self.is_encrypted |= self.tls_ca.is_some() || self.tls_own.is_some() || self.is_tls_first;
        Ok(())
    }

    /// Describes the stream, its servers and the user, for people and logs. Contains no secrets.
    #[must_use]
    pub fn describe(&self) -> String {
        let servers = self.servers.iter().map(|server| {
            let (host, port) = (server.host(), server.port());
            if host.contains(':') {
                format!("[{host}]:{port}")
            } else {
                format!("{host}:{port}")
            }
        });
        let servers = servers.collect::<Vec<_>>().join(",");
        let user = match self.login.name() {
            Some(name) => format!(" as {}", name.escape_debug()),
            None => String::new(),
        };
        format!("NATS stream {} at {servers}{user}", self.stream)
    }

    /// Returns the name of the stream that takes the activities.
    #[must_use]
    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// Returns the prefix of the activities' subjects.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns the name of the stream of dead letters.
    #[must_use]
    pub fn dead_letter_stream(&self) -> String {
        format!("{}_DEAD", self.stream)
    }

    /// Returns the prefix of the subjects of dead letters.
    #[must_use]
    pub fn dead_letter_subject(&self) -> String {
        format!("{}_dead", self.subject)
    }

    /// Returns the prefix of the subjects of `JetStream` requests.
    pub(crate) fn api_prefix(&self) -> String {
        match &self.domain {
            Some(domain) => format!("$JS.{domain}.API"),
            None => "$JS.API".to_owned(),
        }
    }

    /// Lists the files of the login, for people, or returns `None` if there are none.
    pub(super) fn login_files(&self) -> Option<String> {
        let files: Vec<_> = self
            .login
            .files()
            .map(|path| path.display().to_string())
            .collect();
        (!files.is_empty()).then(|| files.join(" and "))
    }
}

/// Shows only counts and validated names, because any part of a mistyped URL may belong to a
/// password.
impl fmt::Debug for NatsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsOptions")
            .field("servers", &self.servers.len())
            .field("is_encrypted", &self.is_encrypted)
            .field("stream", &self.stream)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

fn server(scheme: &str, host: &str) -> Result<ServerAddr, NatsOptionsError> {
    let host = host
        .strip_prefix(scheme)
        .and_then(|host| host.strip_prefix("://"))
        .unwrap_or(host);
    if host.is_empty() || host.contains(['/', '@', '#']) {
        return Err(NatsOptionsError::Servers);
    }
    let server: ServerAddr = format!("{scheme}://{host}")
        .parse()
        .map_err(|_| NatsOptionsError::Servers)?;
    if server.host().is_empty() {
        return Err(NatsOptionsError::Servers);
    }
    Ok(server)
}

fn checked(
    option: &'static str,
    value: &str,
    is_valid: fn(&str) -> bool,
) -> Result<String, NatsOptionsError> {
    if is_valid(value) {
        return Ok(value.to_owned());
    }
    let expected = "1 to 128 letters, digits, dashes and underscores, in a subject also single dots between them";
    Err(NatsOptionsError::Value { option, expected })
}

fn is_true(option: &'static str, value: &str) -> Result<bool, NatsOptionsError> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(NatsOptionsError::Value {
            option,
            expected: "true or false",
        }),
    }
}

fn subjects(value: &str) -> Result<Subjects, NatsOptionsError> {
    if value == "project" {
        return Ok(Subjects::PerProject);
    }
    match value.parse() {
        Ok(number @ 1..=1_024) => Ok(Subjects::Spread(number)),
        _ => Err(NatsOptionsError::Value {
            option: "subjects",
            expected: "project, or a number from 1 to 1024",
        }),
    }
}

/// Returns whether `text` is a valid name. The rule is stricter than that of NATS, so that a name
/// can be used in a file name, a subject and a shell.
fn is_name(text: &str) -> bool {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !text.is_empty() && text.len() <= NAME_BYTES_MAX && text.chars().all(is_fine)
}

fn is_subject(text: &str) -> bool {
    text.len() <= NAME_BYTES_MAX && text.split('.').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_understood() {
        let options = NatsOptions::parse(
            "nats://worker:s%40cret@a.example,[::1]:4333/?stream=S-1&subject=shop.activities&tls_ca=/etc/ca.pem",
        )
        .unwrap();
        assert_eq!(
            options.describe(),
            "NATS stream S-1 at a.example:4222,[::1]:4333 as worker"
        );
        assert_eq!(options.subject(), "shop.activities");
        assert_eq!(options.dead_letter_stream(), "S-1_DEAD");
        assert_eq!(options.dead_letter_subject(), "shop.activities_dead");
        assert!(options.is_encrypted);
        let answer = options.login.answer(b"").unwrap();
        assert_eq!(answer.password.as_deref(), Some("s@cret"));
    }

    #[test]
    fn a_list_of_whole_urls_is_understood() {
        let options = NatsOptions::parse("nats://u:p@a:1,nats://b:2?stream=S").unwrap();
        assert_eq!(options.describe(), "NATS stream S at a:1,b:2 as u");
        assert!(NatsOptions::parse("nats://a,tls://b").is_err());
    }

    #[test]
    fn what_is_wrong_is_said_without_showing_it() {
        for (url, part) in [
            ("http://hidden", "nats://"),
            ("hidden", "nats://"),
            ("nats://", "HOST"),
            ("nats://hidden:port", "HOST"),
            ("nats://a,,b", "HOST"),
            ("nats://a/hidden", "HOST"),
            ("nats://u:hidden:x@a", "USER:PASSWORD"),
            ("nats://u:hidden@a,u:hidden@b", "USER:PASSWORD"),
            ("nats://a?pasword=hidden", "unknown option"),
            ("nats://a?stream=hid.den", "stream"),
            ("nats://a?subject=hidden.>", "subject"),
            ("nats://a?subjects=0", "1 to 1024"),
            ("nats://a?tls_cert=hidden", "tls_key"),
            ("wss://hidden", "WebSocket"),
            ("nats://a?tls_first=hidden", "true or false"),
            ("nats://a?password_file=hidden", "USER@"),
            ("nats://u:hidden@a?password_file=f", "USER@"),
            ("nats://hidden@a?token_file=f", "token_file"),
            ("nats://a?nkey=hidden&credentials=hidden", "nkey"),
        ] {
            let error = NatsOptions::parse(url).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains(part), "{url}: {text}");
            assert!(!text.contains("hidden"), "{url}: {text}");
        }
    }

    #[test]
    fn a_password_is_nowhere_to_be_seen() {
        let options = NatsOptions::parse("nats://worker:hidden@a").unwrap();
        assert!(!format!("{options:?} {}", options.describe()).contains("hidden"));
        let options = NatsOptions::parse("nats://hidden@a").unwrap();
        assert!(!format!("{options:?} {}", options.describe()).contains("hidden"));
    }
}
