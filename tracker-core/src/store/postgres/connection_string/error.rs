//! Why a connection string is refused: [`ConnectionStringError`].

use std::io;

use thiserror::Error;

use super::options;

/// Why a connection string was refused, and what to change.
///
/// No variant holds a value of the string, and none has a source: the errors of the parser underneath can repeat what
/// they stumbled over, which in a mistyped string is often a part of the password.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionStringError {
    /// The string is longer than any that a server could take.
    #[error("the connection string has {bytes} bytes; at most {limit} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The longest that is read.
        limit: usize,
    },
    /// A NUL character, which no value can hold, as itself or as `%00`.
    #[error("the connection string has a NUL character: remove it")]
    Nul,
    /// A URL of something else.
    #[error(
        "the connection string is a URL of another kind: it must start with postgres:// or postgresql://"
    )]
    UnknownScheme,
    /// A URL as another client of Postgres writes it, or of another database.
    #[error("the connection string starts with `{scheme}`: {advice}")]
    OtherScheme {
        /// How it starts.
        scheme: &'static str,
        /// What to write instead.
        advice: &'static str,
    },
    /// In a URL, an `@` that doesn't end the credentials, or a `/` or `?` within them.
    #[error(
        "the URL can't be told apart: in a user name, password, database name or query write `@` as %40, `/` as %2F and \
         `?` as %3F"
    )]
    UnescapedCharacter,
    /// In a URL, a `%` without two hexadecimal digits after it.
    #[error(
        "the URL has a `%` that isn't followed by two hexadecimal digits: write a `%` of a value as %25"
    )]
    InvalidEscape,
    /// In a URL, percent-encoded bytes that are no text.
    #[error("the URL has percent-encoded bytes that are not UTF-8: encode the text as UTF-8 first")]
    NotUtf8,
    /// A word that should have been followed by `=` and a value.
    #[error(
        "the connection string has a word without `=`: write options as key=value, and a value with spaces in single \
         quotes (in a URL, as %20)"
    )]
    MissingEquals,
    /// A quoted value that doesn't end.
    #[error(
        "a quoted value doesn't end: close it with a single quote, and write one within a value as \\'"
    )]
    UnterminatedQuote,
    /// An option that neither this client nor libpq has.
    #[error("the connection string has an unknown option{}; known are {}", shown(name.as_deref()), options::supported())]
    UnknownOption {
        /// Its name, unless it may be a part of a password that should have been quoted or percent-encoded.
        name: Option<String>,
    },
    /// An option that libpq has and this client has not.
    #[error(
        "the option `{option}` is not supported: remove it, from the environment and the service file too"
    )]
    UnsupportedOption {
        /// Its name.
        option: &'static str,
    },
    /// A value that the option can't have.
    #[error("the value of `{option}` is not valid: it must be {expected}")]
    InvalidValue {
        /// The option's name.
        option: &'static str,
        /// What it can be.
        expected: &'static str,
    },
    /// No server to connect to, or an empty place in the list of them.
    #[error(
        "the connection string names no host, nor does PGHOST where the environment is read: add one, such as \
         host=localhost or host=/run/postgresql, or in a URL postgres://user@localhost/database"
    )]
    MissingHost,
    /// Several hosts, and another number of addresses or ports.
    #[error(
        "`host`, `hostaddr` and `port` are lists of different lengths: give one port for all hosts, or one of each for each"
    )]
    UnequalLists,
    /// TLS options that make no sense together.
    #[error("these TLS options can't be combined: {advice}")]
    ConflictingTls {
        /// What to write instead.
        advice: &'static str,
    },
    /// No file has the service that the string or `PGSERVICE` names.
    #[error(
        "found no definition of the `service`: add it to the file that `servicefile` or PGSERVICEFILE names, or to \
         ~/.pg_service.conf where the environment is read"
    )]
    UnknownService,
    /// A line of the service's definition is none of libpq's.
    #[error(
        "line {line} of the service file is not valid: it must be key=value, with an option of libpq other than service"
    )]
    InvalidServiceLine {
        /// Its number, from 1.
        line: usize,
    },
    /// A file that the string or the environment names can't be read.
    #[error(
        "can't read the file that `{option}` asks for ({kind}): check its path and permissions"
    )]
    UnreadableFile {
        /// The option.
        option: &'static str,
        /// What the operating system said.
        kind: io::ErrorKind,
    },
    /// The password file has other passwords for some of several hosts.
    #[error(
        "the password file has different passwords for the hosts of this connection string, of which one is sent to \
         all: name a single host, or give `password`"
    )]
    SeveralPasswords,
}

fn shown(name: Option<&str>) -> String {
    match name {
        Some(name) => format!(", `{name}`"),
        None => " (not shown, as it may be a part of a value that should have been quoted or percent-encoded)".into(),
    }
}
