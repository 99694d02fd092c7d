//! The syntax of a connection string: a URL or `key=value` pairs, taken apart into named options.
//!
//! The rules are libpq's, with one that is stricter: in a URL an `@` ends the credentials and appears nowhere else, and
//! no `/` or `?` comes before it. Without that rule a password that should have been percent-encoded would be read as a
//! host or a database name, which are shown in logs.
//!
//! What the options mean is `connect.rs`'s part.

use std::collections::BTreeMap;

use thiserror::Error;

/// The options of a connection string. An option that is given twice has the value that was given last, as in libpq;
/// one with an empty value is left out, as if it had not been given.
pub(super) type Parameters = BTreeMap<&'static str, String>;

/// The longest connection string that is read, in bytes. The server itself takes a start-up message of 10,000 bytes and
/// a password of 65,535 at most.
const LENGTH_MAX: usize = 64 * 1024;

/// The options that are understood.
pub(super) const SUPPORTED: [&str; 20] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "load_balance_hosts",
    "options",
    "password",
    "port",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// The options that libpq has and this client has not. They are refused by name: to ignore, say, `sslcrl` would connect
/// with less protection than was asked for.
const UNSUPPORTED: [&str; 24] = [
    "client_encoding",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "krbsrvname",
    "max_protocol_version",
    "min_protocol_version",
    "passfile",
    "replication",
    "require_auth",
    "requirepeer",
    "requiressl",
    "service",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslpassword",
    "sslsni",
];

/// Why a connection string was refused, and what to change.
///
/// No variant holds any part of the string but the names of known options, and none has a source: the errors of the
/// parser underneath can repeat what they stumbled over, which in a mistyped string is often a part of the password.
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
    #[error(
        "the connection string has an unknown option (not shown, as it may be a part of a value that should have been \
         quoted or percent-encoded); known are {}",
        SUPPORTED.join(", ")
    )]
    UnknownOption,
    /// An option that libpq has and this client has not.
    #[error("the option `{option}` is not supported: remove it")]
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
        "the connection string names no host: add one, such as host=localhost or host=/run/postgresql, or in a URL \
         postgres://user@localhost/database (PG* environment variables are not read)"
    )]
    MissingHost,
    /// Several hosts, and another number of addresses or ports.
    #[error(
        "`host`, `hostaddr` and `port` are lists of different lengths: give one port for all hosts, or one of each for each"
    )]
    UnequalLists,
    /// `sslmode` together with another option that makes no sense with it.
    #[error("this `sslmode` can't be combined with the other TLS options: {advice}")]
    ConflictingTls {
        /// What to write instead.
        advice: &'static str,
    },
}

/// Takes a connection string apart.
pub(super) fn parse(text: &str) -> Result<Parameters, ConnectionStringError> {
    if text.len() > LENGTH_MAX {
        return Err(ConnectionStringError::TooLong {
            bytes: text.len(),
            limit: LENGTH_MAX,
        });
    }
    let mut parameters = Parameters::new();
    let url = ["postgres://", "postgresql://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    match url {
        Some(rest) => parse_url(rest, &mut parameters)?,
        None => parse_pairs(text, &mut parameters)?,
    }
    if parameters.values().any(|value| value.contains('\0')) {
        return Err(ConnectionStringError::Nul);
    }
    parameters.retain(|_, value| !value.is_empty());
    Ok(parameters)
}

/// The known option of that name.
fn option(name: &str) -> Result<&'static str, ConnectionStringError> {
    let known = |names: &[&'static str]| names.iter().copied().find(|known| *known == name);
    if let Some(option) = known(&UNSUPPORTED) {
        return Err(ConnectionStringError::UnsupportedOption { option });
    }
    known(&SUPPORTED).ok_or(ConnectionStringError::UnknownOption)
}

/// `[user[:password]@][host[:port][,…]][/dbname][?key=value[&…]]`, every part percent-encoded.
fn parse_url(text: &str, parameters: &mut Parameters) -> Result<(), ConnectionStringError> {
    let rest = match text.split_once('@') {
        Some((credentials, rest)) => {
            if credentials.contains(['/', '?']) || rest.contains('@') {
                return Err(ConnectionStringError::UnescapedCharacter);
            }
            let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
            parameters.insert("user", percent_decode(user)?);
            parameters.insert("password", percent_decode(password)?);
            rest
        }
        None => text,
    };
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (hosts, dbname) = rest.split_once('/').unwrap_or((rest, ""));
    parameters.insert("dbname", percent_decode(dbname)?);

    let hosts = hosts
        .split(',')
        .map(host_and_port)
        .collect::<Result<Vec<_>, _>>()?;
    let (hosts, ports): (Vec<_>, Vec<_>) = hosts.into_iter().unzip();
    parameters.insert("host", percent_decode(&hosts.join(","))?);
    parameters.insert("port", percent_decode(&ports.join(","))?);

    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair
            .split_once('=')
            .ok_or(ConnectionStringError::MissingEquals)?;
        parameters.insert(option(&percent_decode(name)?)?, percent_decode(value)?);
    }
    Ok(())
}

/// `host`, `host:port`, `[IPv6]` or `[IPv6]:port`.
fn host_and_port(text: &str) -> Result<(&str, &str), ConnectionStringError> {
    let Some(bracketed) = text.strip_prefix('[') else {
        return Ok(text.split_once(':').unwrap_or((text, "")));
    };
    match bracketed.split_once(']') {
        Some((host, "")) => Ok((host, "")),
        Some((host, port)) if port.starts_with(':') => Ok((host, &port[1..])),
        _ => Err(ConnectionStringError::InvalidValue {
            option: "host",
            expected: "a host name or an address, an IPv6 address of a URL in brackets",
        }),
    }
}

/// `text` with every `%` and two digits replaced by the byte they stand for.
fn percent_decode(text: &str) -> Result<String, ConnectionStringError> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part
            .as_bytes()
            .split_at_checked(2)
            .ok_or(ConnectionStringError::InvalidEscape)?;
        bytes.push(hex_digit(digits[0])? << 4 | hex_digit(digits[1])?);
        bytes.extend_from_slice(rest);
    }
    String::from_utf8(bytes).map_err(|_| ConnectionStringError::NotUtf8)
}

fn hex_digit(digit: u8) -> Result<u8, ConnectionStringError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(ConnectionStringError::InvalidEscape),
    }
}

/// `key = value …`, where a value may be in single quotes and a backslash takes the special meaning from what follows.
fn parse_pairs(text: &str, parameters: &mut Parameters) -> Result<(), ConnectionStringError> {
    let mut rest = text.trim_ascii_start();
    while !rest.is_empty() {
        let name_end = rest
            .find(|c: char| c == '=' || c.is_ascii_whitespace())
            .ok_or_else(|| without_equals(rest))?;
        let (name, after_name) = rest.split_at(name_end);
        let value = after_name
            .trim_ascii_start()
            .strip_prefix('=')
            .ok_or_else(|| without_equals(name))?;
        if name.contains("://") {
            return Err(ConnectionStringError::UnknownScheme);
        }
        let option = option(name)?;
        let (value, after_value) = value_and_rest(value.trim_ascii_start())?;
        parameters.insert(option, value);
        rest = after_value.trim_ascii_start();
    }
    Ok(())
}

fn without_equals(word: &str) -> ConnectionStringError {
    if word.contains("://") {
        ConnectionStringError::UnknownScheme
    } else {
        ConnectionStringError::MissingEquals
    }
}

/// The value at the start of `text`, unquoted and unescaped, and what comes after it.
fn value_and_rest(text: &str) -> Result<(String, &str), ConnectionStringError> {
    let (text, quoted) = match text.strip_prefix('\'') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let mut value = String::new();
    let mut characters = text.chars();
    loop {
        let rest = characters.as_str();
        match characters.next() {
            Some('\'') if quoted => return Ok((value, characters.as_str())),
            Some(c) if !quoted && c.is_ascii_whitespace() => return Ok((value, rest)),
            Some('\\') => value.extend(characters.next()),
            Some(c) => value.push(c),
            None if quoted => return Err(ConnectionStringError::UnterminatedQuote),
            None => return Ok((value, rest)),
        }
    }
}

#[cfg(test)]
mod tests;
