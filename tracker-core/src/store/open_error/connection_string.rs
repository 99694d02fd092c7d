//! The reasons for refusing a connection string: [`ConnectionStringError`].

use std::io;

use thiserror::Error;

/// The reason that a connection string was refused, and the change that it needs.
///
/// No variant holds a value of the string, and none has a source: the underlying parser's errors
/// can repeat the text they failed on, which in a mistyped string is often a part of the password.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionStringError {
    /// The string is longer than any that a server could take.
    #[error("the connection string has {bytes} bytes; at most {limit} are read")]
    TooLong {
        /// The string's length, in bytes.
        bytes: usize,
        /// The greatest length that is read, in bytes.
        limit: usize,
    },
    /// The string has a NUL character, literally or as `%00`. No value can hold one.
    #[error("the connection string has a NUL character: remove it")]
    Nul,
    /// The string is a URL with another scheme.
    #[error(
        "the connection string is a URL of another kind: it must start with postgres:// or postgresql://"
    )]
    UnknownScheme,
    /// The string is a URL in the form of another client of Postgres, or of another database.
    #[error("the connection string starts with `{scheme}`: {advice}")]
    OtherScheme {
        /// The start of the string.
        scheme: &'static str,
        /// The form to write instead.
        advice: &'static str,
    },
    /// A URL has an `@` that doesn't end the credentials, or a `/` or `?` within them.
    #[error(
        "the URL can't be told apart: in a user name, password, database name or query write `@` as %40, `/` as %2F and \
         `?` as %3F"
    )]
    UnescapedCharacter,
    /// A URL has a `%` without two hexadecimal digits after it.
    #[error(
        "the URL has a `%` that isn't followed by two hexadecimal digits: write a `%` of a value as %25"
    )]
    InvalidEscape,
    /// A URL has percent-encoded bytes that are not UTF-8.
    #[error("the URL has percent-encoded bytes that are not UTF-8: encode the text as UTF-8 first")]
    NotUtf8,
    /// A word lacks the `=` and the value after it.
    #[error(
        "the connection string has a word without `=`: write options as key=value, and a value with spaces in single \
         quotes (in a URL, as %20)"
    )]
    MissingEquals,
    /// A quoted value doesn't end.
    #[error(
        "a quoted value doesn't end: close it with a single quote, and write one within a value as \\'"
    )]
    UnterminatedQuote,
    /// An option that neither this client nor libpq has.
    #[error(
        "the connection string has an unknown option{}: remove or correct it, since to ignore it could protect less than \
         was asked for; docs/operations.md, \"The URL of Postgres\", tells which there are",
        shown(name.as_deref())
    )]
    UnknownOption {
        /// The option's name, unless it may be a part of a password that should have been quoted or
        /// percent-encoded.
        name: Option<String>,
    },
    /// The option is one of libpq's that this client does not support.
    #[error(
        "the option `{option}` is not supported: remove it, from the environment and the service file too"
    )]
    UnsupportedOption {
        /// The option's name.
        option: &'static str,
    },
    /// The option can't have this value.
    #[error("the value of `{option}` is not valid: it must be {expected}")]
    InvalidValue {
        /// The option's name.
        option: &'static str,
        /// The values it can have.
        expected: &'static str,
    },
    /// The string names no server, or its list of servers has an empty entry.
    #[error(
        "the connection string names no host, nor does PGHOST where the environment is read: add one, such as \
         host=localhost or host=/run/postgresql, or in a URL postgres://user@localhost/database"
    )]
    MissingHost,
    /// There are several hosts, and another number of addresses or ports.
    #[error(
        "`host`, `hostaddr` and `port` are lists of different lengths: give one port for all hosts, or one of each for each"
    )]
    UnequalLists,
    /// The TLS options contradict each other.
    #[error("these TLS options can't be combined: {advice}")]
    ConflictingTls {
        /// The options to write instead.
        advice: &'static str,
    },
    /// No file defines the service that the string or `PGSERVICE` names.
    #[error(
        "found no definition of the `service`: add it to the file that `servicefile` or PGSERVICEFILE names, or to \
         ~/.pg_service.conf where the environment is read"
    )]
    UnknownService,
    /// A line of the service's definition is not one of libpq's.
    #[error(
        "line {line} of the service file is not valid: it must be key=value, with an option of libpq other than service"
    )]
    InvalidServiceLine {
        /// The line's number, from 1.
        line: usize,
    },
    /// A file that the string or the environment names can't be read.
    #[error(
        "can't read the file that `{option}` asks for ({kind}): check its path and permissions"
    )]
    UnreadableFile {
        /// The option that names the file.
        option: &'static str,
        /// The operating system's error.
        kind: io::ErrorKind,
    },
    /// The password file has different passwords for the hosts.
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
