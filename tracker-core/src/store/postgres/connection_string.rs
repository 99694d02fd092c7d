//! Parses a connection string into named options.
//!
//! The string is a URL (`url`) or `key=value` pairs (`pairs`), with the options of libpq and of
//! other clients (`options`). Options that it leaves open come from libpq's other sources: a
//! service (`service_file`), variables (`environment`) and, for the password, a file (`passfile`).
//!
//! The rules are libpq's, with a stricter one for URLs: an `@` ends the credentials and appears
//! nowhere else, and no `/` or `?` comes before it. Without this rule a password that should have
//! been percent-encoded would be read as a host or a database name, which are shown in logs.
//!
//! `connect.rs` interprets the options.

mod environment;
mod files;
mod gathered;
mod options;
mod pairs;
mod passfile;
mod scheme;
mod service_file;
mod url;

use self::gathered::Gathered;
pub(super) use self::gathered::Parameters;
pub(crate) use self::scheme::url_scheme;
pub use self::{environment::Environment, gathered::Ignored};
pub use crate::store::open_error::connection_string::ConnectionStringError;

/// The longest connection string that is read, in bytes. A server takes a start-up message of at
/// most 10,000 bytes and a password of at most 65,535.
const LENGTH_MAX: usize = 64 * 1024;

/// The options of a connection string and its environment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) parameters: Parameters,
    pub(super) ignored: Vec<Ignored>,
}

/// Parses a connection string, and adds options of the environment that the string leaves open.
pub(super) fn parse(
    text: &str,
    environment: &Environment,
) -> Result<Parsed, ConnectionStringError> {
    if text.len() > LENGTH_MAX {
        return Err(ConnectionStringError::TooLong {
            bytes: text.len(),
            limit: LENGTH_MAX,
        });
    }
    let text = scheme::unquoted(text);
    let mut gathered = Gathered::default();
    match scheme::stripped(text)? {
        Some(rest) => url::parse(rest, &mut gathered)?,
        None => pairs::parse(text, &mut gathered)?,
    }
    gathered.in_doubt = false;
    service_file::fill(&mut gathered, environment)?;
    environment.fill(&mut gathered)?;
    passfile::fill(&mut gathered, environment)?;
    let Gathered {
        mut parameters,
        ignored,
        ..
    } = gathered;
    if parameters.values().any(|value| value.contains('\0')) {
        return Err(ConnectionStringError::Nul);
    }
    parameters.retain(|_, value| !value.is_empty());
    Ok(Parsed {
        parameters,
        ignored,
    })
}

#[cfg(test)]
mod tests;
