//! Classification of write errors by their cause: [`Blame`].

use crate::store::StoreError;

/// The likely cause of a write error, which decides how the delivery handles it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blame {
    /// A permanent error of one row: the store will never accept it.
    Row,
    /// A row refers to something that does not exist yet.
    Reference,
    /// A condition that passes or that an operator repairs; or one row, if others succeed.
    Circumstances,
    /// The store gives no cause. The write is retried as often as the builder's `retries` allows;
    /// after that the rows are taken for the cause.
    Unknown,
    /// The store itself. No row can cause the error, so the write is retried without limit.
    Store,
    /// No particular row: any other row would fail in the same way.
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

    /// Returns whether the error counts against the batch while the store is reachable.
    pub(super) fn counts(self) -> bool {
        matches!(self, Self::Circumstances | Self::Unknown)
    }

    /// Returns whether a write of fewer rows may succeed.
    pub(super) fn is_of_some_rows(self) -> bool {
        !matches!(self, Self::Store | Self::Nobody)
    }
}
