//! Whom an error is laid to that comes of writing: [`Blame`].

use crate::store::StoreError;

/// What is to be done about an error of a write is decided by what it may be the fault of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blame {
    /// One of the rows: it will never be taken.
    Row,
    /// One of the rows refers to what is not there, and may come to be.
    Reference,
    /// Something that time or an operator mends; or one of the rows, if others go through.
    Circumstances,
    /// The store does not say; it is asked as often as the builder's `retries` says, then the rows
    /// are taken for the reason.
    Unknown,
    /// The store, which is waited for, however long: no row can cause it.
    Store,
    /// Nobody: it will be the same with any other row.
    Nobody,
}

impl Blame {
    pub(super) fn of(error: &StoreError) -> Self {
        match error {
            StoreError::Refused { .. } => Self::Row,
            StoreError::MissingReference { .. } => Self::Reference,
            StoreError::Timeout { .. }
            | StoreError::Busy { .. }
            | StoreError::Broken { .. }
            | StoreError::Denied { .. }
            | StoreError::NotMigrated { .. }
            | StoreError::Shape { .. } => Self::Circumstances,
            StoreError::Failed { .. } => Self::Unknown,
            StoreError::Full { .. }
            | StoreError::Unsupported { .. }
            | StoreError::SharedSession { .. } => Self::Nobody,
            _ => Self::Store,
        }
    }

    /// Whether it counts against the batch, where the store answers.
    pub(super) fn counts(self) -> bool {
        matches!(self, Self::Circumstances | Self::Unknown)
    }

    /// Whether fewer rows may fare better.
    pub(super) fn is_of_some_rows(self) -> bool {
        !matches!(self, Self::Store | Self::Nobody)
    }
}
