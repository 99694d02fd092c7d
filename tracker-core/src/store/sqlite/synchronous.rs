//! When a written batch is on the disk for good: [`Synchronous`].

/// When a written batch is on the disk for good. A batch is whole or absent in any case, and no
/// failure damages the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Synchronous {
    /// At the next checkpoint, about every 4 MB: a batch survives the end of the process, a kill
    /// included. The last ones may be lost when the machine loses power or its system crashes.
    #[default]
    Normal,
    /// When [`write`](crate::Store::write) returns, which then waits for the disk: a batch survives a loss
    /// of power too.
    Full,
}

impl Synchronous {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::Full => "FULL",
        }
    }
}
