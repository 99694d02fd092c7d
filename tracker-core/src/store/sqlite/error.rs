//! Converts SQLite's errors to errors of the store.

use std::time::Duration;

use rusqlite::{Error, ErrorCode};

use crate::store::{BoxError, FileProblem, StoreError};

/// Returns whether another connection holds the required lock.
pub(super) fn is_busy(error: &Error) -> bool {
    matches!(
        code(error),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

pub(super) fn code(error: &Error) -> Option<ErrorCode> {
    match error {
        Error::SqliteFailure(error, _) | Error::SqlInputError { error, .. } => Some(error.code),
        _ => None,
    }
}

/// The store of an error, and its time-out.
#[derive(Debug)]
pub(super) struct ErrorContext {
    /// The result of [`Store::describe`](crate::Store::describe).
    pub(super) store: String,
    /// The time that the connections wait for a lock.
    pub(super) busy_timeout: Duration,
}

impl ErrorContext {
    pub(super) fn classify(&self, operation: &'static str, error: Error) -> StoreError {
        if is_busy(&error) {
            return StoreError::Timeout {
                operation: "waiting for the SQLite file, whose lock a transaction, a backup or a VACUUM of another \
                            process holds (`fuser FILE` names who has it open: let it end, or end it),",
                after: self.busy_timeout,
            };
        }
        let store = self.store.clone();
        let problem = match code(&error) {
            Some(ErrorCode::CannotOpen) => FileProblem::CannotOpen,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => FileProblem::ReadOnly,
            Some(ErrorCode::DiskFull) => FileProblem::DiskFull,
            Some(ErrorCode::SystemIoFailure) => FileProblem::InputOutput,
            Some(ErrorCode::NotADatabase) => FileProblem::NotADatabase,
            Some(ErrorCode::DatabaseCorrupt) => FileProblem::Corrupt,
            Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig) => {
                let is_of_a_reference = error.sqlite_error().is_some_and(|error| {
                    error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY
                });
                let source = error.into();
                return if is_of_a_reference {
                    StoreError::MissingReference { store, source }
                } else {
                    StoreError::Refused { store, source }
                };
            }
            _ => {
                return StoreError::Failed {
                    operation,
                    store,
                    source: error.into(),
                };
            }
        };
        self.file_problem(problem, error)
    }

    pub(super) fn file_problem(
        &self,
        problem: FileProblem,
        source: impl Into<BoxError>,
    ) -> StoreError {
        StoreError::File {
            store: self.store.clone(),
            problem,
            source: source.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use rusqlite::ffi;
    use tempfile::TempDir;

    use super::*;
    use crate::{
        ActionType, Activity, SqliteStore, Store,
        row::Row,
        sqlite_rows,
        store::sqlite::{connections::Purpose, write::INSERT},
        timeline::Query,
    };

    async fn store() -> (TempDir, SqliteStore) {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path().join("tracker.db")).unwrap();
        store.migrate().await.unwrap();
        (directory, store)
    }

    async fn write_one(store: &SqliteStore) -> Result<(), StoreError> {
        let activity = Activity::new(ActionType::Deployment).project_id("p");
        store.write(vec![activity].into()).await
    }

    async fn pragma(store: &SqliteStore, pragma: &'static str) {
        let writer = store.shared.connections.lease(Purpose::Write).await;
        let connection = &writer.as_ref().unwrap().connection;
        connection.execute_batch(pragma).unwrap();
    }

    #[tokio::test]
    async fn a_full_disk_is_a_typed_error_that_passes_with_its_cause() {
        let (_directory, store) = store().await;
        // SQLite reports its own limit just as it reports the disk's. A limit below the present
        // size counts as the present size, so the first page that is to be added fails.
        pragma(&store, "PRAGMA max_page_count = 1").await;
        let many = (0..1_000).map(|_| Activity::new(ActionType::Deployment));
        let full = store.write(many.collect()).await.unwrap_err();
        assert!(
            matches!(
                full,
                StoreError::File {
                    problem: FileProblem::DiskFull,
                    ..
                }
            ),
            "{full:?}"
        );
        assert!(full.is_transient());

        pragma(&store, "PRAGMA max_page_count = 1000000").await;
        write_one(&store).await.unwrap();
    }

    #[tokio::test]
    async fn a_file_that_became_read_only_is_a_typed_error() {
        let (_directory, store) = store().await;
        pragma(&store, "PRAGMA query_only = ON").await;
        let error = write_one(&store).await.unwrap_err();
        assert!(
            matches!(
                error,
                StoreError::File {
                    problem: FileProblem::ReadOnly,
                    ..
                }
            ),
            "{error:?}"
        );
    }

    #[tokio::test]
    async fn a_panic_in_a_transaction_leaves_the_store_usable_and_nothing_written() {
        let (_directory, store) = store().await;
        let activity = Activity::new(ActionType::Deployment).project_id("p");
        let panicked = store
            .on(Purpose::Write, "panicking", move |connection, _| {
                let transaction = connection.transaction().unwrap();
                sqlite_rows::insert(&transaction, INSERT, [Row::from(&activity)]).unwrap();
                panic!("expected by this test")
            })
            .map(|result: Result<(), _>| result.unwrap_err())
            .await;
        assert!(matches!(panicked, StoreError::Failed { .. }));

        write_one(&store).await.unwrap();
        let page = store.timeline(Query::project("p")).await.unwrap();
        assert_eq!(page.activities.len(), 1);
    }

    #[tokio::test]
    async fn every_kind_of_error_has_its_type() {
        let (_directory, store) = store().await;
        let classified = |code| {
            let error = Error::SqliteFailure(ffi::Error::new(code), None);
            store.shared.context.classify("testing", error)
        };
        for (code, expected) in [
            (ffi::SQLITE_CANTOPEN, FileProblem::CannotOpen),
            (ffi::SQLITE_READONLY_DBMOVED, FileProblem::ReadOnly),
            (ffi::SQLITE_FULL, FileProblem::DiskFull),
            (ffi::SQLITE_IOERR_WRITE, FileProblem::InputOutput),
            (ffi::SQLITE_NOTADB, FileProblem::NotADatabase),
            (ffi::SQLITE_CORRUPT_INDEX, FileProblem::Corrupt),
        ] {
            let error = classified(code);
            assert!(
                matches!(&error, StoreError::File { problem, .. } if *problem == expected),
                "{code}: {error:?}"
            );
        }
        for code in [
            ffi::SQLITE_BUSY,
            ffi::SQLITE_BUSY_SNAPSHOT,
            ffi::SQLITE_LOCKED,
        ] {
            assert!(matches!(classified(code), StoreError::Timeout { .. }));
        }
        let refused = classified(ffi::SQLITE_CONSTRAINT_FOREIGNKEY);
        assert!(matches!(refused, StoreError::MissingReference { .. }));
        assert!(refused.is_transient());
        let refused = classified(ffi::SQLITE_CONSTRAINT_CHECK);
        assert!(matches!(refused, StoreError::Refused { .. }));
        assert!(!refused.is_transient());
        assert!(matches!(
            classified(ffi::SQLITE_NOMEM),
            StoreError::Failed { .. }
        ));
    }
}
