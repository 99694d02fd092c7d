//! When a written batch is on the disk for good: [`Synchronous`].

/// The time at which a written batch is durable. A batch is always stored whole or not at all, and
/// no failure damages the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Synchronous {
    /// At the next checkpoint, about every 4 MB. A batch survives the end of the process, even a
    /// kill. The latest batches may be lost when the machine loses power or its system crashes.
    #[default]
    Normal,
    /// Once [`write`](crate::Store::write) returns, which then waits for the disk. A batch survives
    /// a loss of power too.
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
