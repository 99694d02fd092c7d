//! Makes a store from a URL: [`open`].

use std::sync::Arc;

#[cfg(any(feature = "nats", feature = "postgres", feature = "sqlite"))]
use super::StoreKind;
use super::{OpenError, Store, StoreUrl};

/// Makes the store that a URL names, with all defaults. The URL is one of these:
///
/// - `postgres://…` or `postgresql://…`, as
///   [`PostgresStore::new`](super::postgres::PostgresStore::new) takes it;
/// - `sqlite:` and the path of a file;
/// - `nats://…` or `tls://…`, as a `JetStreamStore` takes it, with the feature `nats`.
///
/// | URL | store |
/// | --- | --- |
/// | `postgres://worker@localhost/app` | the Postgres database |
/// | `sqlite:tracker.db`, `sqlite://tracker.db` | the SQLite file in the working directory |
/// | `sqlite:/var/lib/tracker.db`, `sqlite:///var/lib/tracker.db` | the SQLite file at that path |
/// | `nats://worker@nats.example?stream=ACTIVITIES` | the stream, which can only be written (feature `nats`) |
///
/// The path is taken literally: it is not percent-decoded, and a `?` is part of the name. A
/// database in memory (`sqlite::memory:`) is refused; use a [`MemoryStore`](super::MemoryStore)
/// instead.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = tracker_core::store::open("postgres://worker@localhost/app")?;
/// assert_eq!(store.describe(), "Postgres at localhost:5432/app as worker");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Returns an [`OpenError`] if the URL is malformed or of another kind, or if the store can't be
/// set up.
pub fn open(url: &str) -> Result<Arc<dyn Store>, OpenError> {
    let url = StoreUrl::parse(url)?;
    match url.kind() {
        #[cfg(feature = "postgres")]
        StoreKind::Postgres => Ok(Arc::new(super::postgres::PostgresStore::new(url.text())?)),
        #[cfg(feature = "sqlite")]
        StoreKind::Sqlite => Ok(Arc::new(super::sqlite::SqliteStore::open(url.path())?)),
        #[cfg(feature = "nats")]
        StoreKind::JetStream => Ok(Arc::new(super::jetstream::JetStreamStore::new(url.text())?)),
        #[cfg(not(all(feature = "nats", feature = "postgres", feature = "sqlite")))]
        _ => Err(super::url::unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_sqlite_url_names_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tracker.db");
        open(&format!("sqlite:{}", path.display())).unwrap();
        assert!(path.exists());
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn two_slashes_before_the_path_of_a_sqlite_file_are_no_part_of_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("absolute.db");
        open(&format!("sqlite://{}", path.display())).unwrap();
        assert!(path.exists());

        // The directory does not exist, so nothing is created in the tests' working directory.
        let Err(OpenError::Sqlite { path, .. }) = open("sqlite://no such directory/relative.db")
        else {
            panic!("nothing can be opened there")
        };
        assert_eq!(path, std::path::Path::new("no such directory/relative.db"));
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_sqlite_url_without_a_file_says_what_to_use() {
        for url in ["sqlite::memory:", "sqlite://:memory:"] {
            let Err(error) = open(url) else {
                panic!("{url}")
            };
            assert!(matches!(error, OpenError::InMemory), "{url}: {error}");
            assert!(error.to_string().contains("name a file"), "{error}");
        }
        for url in ["sqlite:", "sqlite://"] {
            let Err(error) = open(url) else {
                panic!("{url}")
            };
            assert!(matches!(error, OpenError::EmptyPath), "{url}: {error}");
        }
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn a_postgres_url_is_known_with_quotes_around_it_and_by_another_clients_scheme() {
        let store = open("\"postgres://worker@localhost/app\"\n").unwrap();
        assert_eq!(store.describe(), "Postgres at localhost:5432/app as worker");
        let Err(error) = open("postgresql+asyncpg://worker:hidden@localhost/app") else {
            panic!("it is not of this kind")
        };
        assert!(
            error.to_string().contains("postgresql+asyncpg://"),
            "{error}"
        );
        assert!(!error.to_string().contains("hidden"), "{error}");
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn a_libpq_string_is_told_where_to_go() {
        let Err(error) = open("host=localhost dbname=app") else {
            panic!("no URL")
        };
        assert!(error.to_string().contains("key=value pairs"), "{error}");
    }

    #[test]
    fn a_url_of_another_kind_is_refused_without_being_shown() {
        for url in ["mysql://u:hidden@h/db", "hidden", "", "Postgres://hidden"] {
            let Err(error) = open(url) else {
                panic!("{url}")
            };
            assert!(matches!(error, OpenError::Scheme { .. }));
            assert!(!format!("{error} {error:?}").contains("hidden"));
        }
    }
}
