//! Parsing of store URLs: [`StoreUrl`].

use std::fmt;

use super::OpenError;

/// The kind of a store, including kinds that this build lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreKind {
    /// A Postgres database.
    Postgres,
    /// An SQLite file.
    Sqlite,
    /// A stream of NATS, which only takes activities in.
    JetStream,
}

/// The URL prefixes that this build knows, with their kinds of store.
const SCHEMES: &[(&str, StoreKind)] = &[
    #[cfg(feature = "postgres")]
    ("postgres://", StoreKind::Postgres),
    #[cfg(feature = "postgres")]
    ("postgresql://", StoreKind::Postgres),
    #[cfg(feature = "sqlite")]
    ("sqlite:", StoreKind::Sqlite),
    #[cfg(feature = "nats")]
    ("nats://", StoreKind::JetStream),
    #[cfg(feature = "nats")]
    ("tls://", StoreKind::JetStream),
];

/// The URL of a store, of which the beginning is understood: [`open`](super::open) opens it.
///
/// ```
/// use tracker_core::store::{StoreKind, StoreUrl};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let url = StoreUrl::parse("postgres://worker@localhost/app")?;
/// assert_eq!((url.kind(), url.scheme()), (StoreKind::Postgres, "postgres"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StoreUrl<'a> {
    text: &'a str,
    /// The beginning of the URL, up to the end of its scheme.
    beginning: &'static str,
    kind: StoreKind,
}

impl<'a> StoreUrl<'a> {
    /// Parses the kind of store that a URL names. Opens, resolves and connects to nothing, and does
    /// not examine the text after the scheme.
    ///
    /// # Errors
    ///
    /// Returns [`OpenError::Scheme`] for a text that begins in no way that this build knows, and
    /// [`OpenError::ConnectionString`] for the URL of a Postgres that is written for another
    /// client.
    pub fn parse(text: &'a str) -> Result<Self, OpenError> {
        // With blanks and quotes around it, too.
        #[cfg(feature = "postgres")]
        let postgres = super::postgres::url_scheme(text)?;
        #[cfg(not(feature = "postgres"))]
        let postgres: Option<&str> = None;
        let is_it = |beginning: &str| match postgres {
            Some(scheme) => beginning == scheme,
            None => text.starts_with(beginning),
        };
        let found = SCHEMES.iter().find(|(beginning, _)| is_it(beginning));
        let (beginning, kind) = found.ok_or_else(unknown)?;
        Ok(Self {
            text,
            beginning,
            kind: *kind,
        })
    }

    /// Returns the kind of store.
    #[must_use]
    pub fn kind(&self) -> StoreKind {
        self.kind
    }

    /// Returns the part before the colon.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        self.beginning.trim_end_matches(['/', ':'])
    }

    /// The URL as it was given.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Returns the part after the scheme and any two slashes: for SQLite, the unchanged path.
    #[must_use]
    pub fn path(&self) -> &'a str {
        let path = self.text.strip_prefix(self.beginning).unwrap_or_default();
        path.strip_prefix("//").unwrap_or(path)
    }
}

/// A URL that begins in no way that this build knows.
pub(super) fn unknown() -> OpenError {
    let known: Vec<_> = SCHEMES.iter().map(|(beginning, _)| *beginning).collect();
    OpenError::Scheme {
        known: known.join(", "),
    }
}

/// Shows nothing that follows the scheme, which may be a password.
impl fmt::Debug for StoreUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreUrl")
            .field("kind", &self.kind)
            .field("scheme", &self.scheme())
            .finish_non_exhaustive()
    }
}
