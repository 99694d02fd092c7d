//! Recognises the start of a connection string: a URL of Postgres, or a URL of something else.

use super::ConnectionStringError;

const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

const WITHOUT_DRIVER: &str = "leave out the `+` and the driver's name, as in postgresql://";
const PLAIN: &str = "write postgresql:// instead";
/// The starts of strings that other clients take, each with the form to write instead.
const OTHERS: [(&str, &str); 12] = [
    ("postgresql+asyncpg://", WITHOUT_DRIVER),
    ("postgresql+pg8000://", WITHOUT_DRIVER),
    ("postgresql+psycopg2://", WITHOUT_DRIVER),
    ("postgresql+psycopg://", WITHOUT_DRIVER),
    ("postgres+asyncpg://", WITHOUT_DRIVER),
    ("cockroachdb://", PLAIN),
    ("pgsql://", PLAIN),
    ("postgis://", PLAIN),
    (
        "jdbc:postgresql:",
        "leave out `jdbc:`, and write user and password as postgresql://user:password@host/database",
    ),
    (
        "prisma+postgres://",
        "it is of Prisma's own protocol: take the direct URL, postgres://…@db.prisma.io:5432/…",
    ),
    (
        "prisma://",
        "it is of Prisma's own protocol: take the database's own URL",
    ),
    (
        "psql ",
        "give the URL alone, without the command and its options",
    ),
];

/// Strips quotes around the text, which come along when it is copied.
pub(super) fn unquoted(text: &str) -> &str {
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|quote| text.trim().strip_prefix(*quote)?.strip_suffix(*quote));
    unquoted.unwrap_or(text)
}

/// Returns the scheme prefix of the text, if it is a Postgres URL.
///
/// # Errors
///
/// Returns [`ConnectionStringError::OtherScheme`] for a URL that has to be written in another way.
pub(crate) fn url_scheme(text: &str) -> Result<Option<&'static str>, ConnectionStringError> {
    let text = unquoted(text);
    stripped(text)?;
    let begins = |scheme: &&str| text.trim().starts_with(scheme);
    Ok(SCHEMES.into_iter().find(begins))
}

/// Returns the text after the scheme, without surrounding blanks and line ends, or `None` without a
/// scheme.
pub(super) fn stripped(text: &str) -> Result<Option<&str>, ConnectionStringError> {
    let text = text.trim();
    if let Some(rest) = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme)) {
        return Ok(Some(rest));
    }
    match OTHERS.iter().find(|(scheme, _)| text.starts_with(scheme)) {
        Some((scheme, advice)) => Err(ConnectionStringError::OtherScheme {
            scheme: scheme.trim_end(),
            advice,
        }),
        None => Ok(None),
    }
}
