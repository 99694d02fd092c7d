//! Conversion of Postgres errors to [`StoreError`]: [`ErrorContext`].

use std::{error::Error, time::Duration};

use super::{class::Class, error::PostgresError};
use crate::store::{BoxError, StoreError};

/// The names of the store and the table, for errors.
#[derive(Clone, Debug)]
pub(crate) struct ErrorContext {
    /// The result of [`Store::describe`](crate::Store::describe).
    pub(crate) store: String,
    /// The table, with its schema.
    pub(crate) table: String,
}

impl ErrorContext {
    pub(super) fn new(store: String, schema: &str) -> Self {
        Self {
            store,
            table: format!("{schema}.project_actions"),
        }
    }

    /// Returns the error of an operation; `limit` is the time limit that the store had set for it,
    /// if any.
    pub(super) fn error(
        &self,
        operation: &'static str,
        limit: Option<Duration>,
        error: PostgresError,
    ) -> StoreError {
        self.classified(operation, limit, error.class(), error)
    }

    /// Returns the error of connecting. Any unclassified cause counts as unreachable, because some
    /// causes are not network errors.
    pub(super) fn connect_error(&self, limit: Duration, error: PostgresError) -> StoreError {
        let class = match error.class() {
            Class::Other => Class::Unreachable,
            class => class,
        };
        self.classified("connecting", Some(limit), class, error)
    }

    pub(super) fn classified(
        &self,
        operation: &'static str,
        limit: Option<Duration>,
        class: Class,
        source: impl Into<BoxError>,
    ) -> StoreError {
        let (store, source) = (self.store.clone(), source.into());
        match (class, limit) {
            (Class::Unreachable, _) => StoreError::Unreachable { store, source },
            (Class::Tls(advice), _) => StoreError::Tls {
                store,
                advice,
                source,
            },
            (Class::Exhausted, _) => StoreError::Exhausted {
                store,
                advice: exhausted(&*source),
                source,
            },
            (Class::Denied, _) => StoreError::Denied { store, source },
            (Class::ReadOnly, _) => StoreError::ReadOnly { store, source },
            (Class::NoDatabase, _) => StoreError::NoDatabase { store, source },
            (Class::NotMigrated, _) => self.not_migrated(),
            (Class::Refused | Class::Duplicate, _) => StoreError::Refused { store, source },
            (Class::MissingReference, _) => StoreError::MissingReference { store, source },
            (Class::TimedOut, Some(after)) => StoreError::Timeout { operation, after },
            (Class::Busy | Class::Locked | Class::TimedOut, _) => {
                StoreError::Busy { store, source }
            }
            (Class::Broken | Class::Shape | Class::Unsupported, _) => {
                StoreError::Broken { store, source }
            }
            (Class::Other, _) => StoreError::Failed {
                operation,
                store,
                source,
            },
        }
    }

    pub(super) fn not_migrated(&self) -> StoreError {
        StoreError::NotMigrated {
            store: self.store.clone(),
            table: self.table.clone(),
        }
    }

    pub(super) fn shape(&self, difference: String) -> StoreError {
        StoreError::Shape {
            store: self.store.clone(),
            table: self.table.clone(),
            difference,
        }
    }

    pub(super) fn read_only(&self, why: &str) -> StoreError {
        StoreError::ReadOnly {
            store: self.store.clone(),
            source: Box::new(PostgresError::foreseen(why.to_owned())),
        }
    }

    pub(super) fn refused(&self, source: PostgresError) -> StoreError {
        StoreError::Refused {
            store: self.store.clone(),
            source: Box::new(source),
        }
    }

    pub(super) fn denied(&self, what: String) -> StoreError {
        StoreError::Denied {
            store: self.store.clone(),
            source: Box::new(PostgresError::foreseen(what)),
        }
    }
}

/// Returns advice for the exhausted resource.
fn exhausted(error: &(dyn Error + 'static)) -> &'static str {
    let mut errors = std::iter::successors(Some(error), |error| (*error).source());
    let said = errors.find_map(|error| error.downcast_ref::<PostgresError>()?.sqlstate());
    match said {
        Some("53100") => "its disk is full: make room there",
        Some("53200") => {
            "it has no memory left: raise `max_locks_per_transaction` where shared memory is named, or lower its other settings"
        }
        Some("53300") => {
            "all its connections are taken: raise `max_connections`, or the limit of the role or the database, or take fewer (each worker's store has 4 unless set)"
        }
        Some("53400") => "one of its own limits is reached: raise the setting that is named",
        _ => "it has run out of something: see its log",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(sqlstate: &str) -> StoreError {
        let context = ErrorContext::new("a server".to_owned(), "app");
        let error = PostgresError::of_server(Some("ERROR"), sqlstate, "said");
        context.error("writing", Some(Duration::from_secs(1)), error)
    }

    #[test]
    fn what_a_server_has_run_out_of_has_words_of_its_own() {
        for (sqlstate, words) in [
            ("53100", "disk is full"),
            ("53200", "max_locks_per_transaction"),
            ("53300", "max_connections"),
            ("53400", "its own limits"),
            ("53000", "run out of something"),
        ] {
            let error = told(sqlstate);
            assert!(matches!(error, StoreError::Exhausted { .. }), "{error:?}");
            assert!(error.to_string().contains(words), "{error}");
            assert!(!error.to_string().contains("can't reach"), "{error}");
        }
    }

    #[test]
    fn what_time_mends_is_busy_and_what_does_not_serve_is_broken() {
        for sqlstate in ["55P03", "40001", "40P01", "25P04"] {
            assert!(matches!(told(sqlstate), StoreError::Busy { .. }));
        }
        for sqlstate in ["XX001", "58030", "42883", "0A000"] {
            assert!(matches!(told(sqlstate), StoreError::Broken { .. }));
        }
        assert!(matches!(told("23503"), StoreError::MissingReference { .. }));
        assert!(matches!(told("57014"), StoreError::Timeout { .. }));
        for (sqlstate, expected) in [("42P01", true), ("42883", true), ("57014", false)] {
            let error = PostgresError::of_server(None, sqlstate, "said");
            assert_eq!(error.is_of_another_catalog(), expected, "{sqlstate}");
        }
        assert!(matches!(told("TR001"), StoreError::Failed { .. }));
    }
}
