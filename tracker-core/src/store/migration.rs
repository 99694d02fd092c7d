//! What refinery says of a migration that failed, said once: [`MigrationError`].

use std::{error::Error, fmt};

use refinery_core::error::Kind;

/// refinery's error, whose own message repeats those of its sources, and whose sources are errors of refinery again.
///
/// The message is of the step that failed; the source is what the database or its client said.
#[derive(Debug)]
pub(super) struct MigrationError(refinery_core::Error);

impl MigrationError {
    /// refinery's innermost error: the others only say in which phase it came.
    fn innermost(&self) -> &refinery_core::Error {
        let mut innermost = &self.0;
        while let Some(inner) = innermost.source().and_then(<dyn Error>::downcast_ref) {
            innermost = inner;
        }
        innermost
    }
}

impl From<refinery_core::Error> for MigrationError {
    fn from(error: refinery_core::Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for MigrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.innermost().kind() {
            Kind::Connection(step, _) => f.write_str(step),
            other => other.fmt(f),
        }
    }
}

impl Error for MigrationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.innermost().source()
    }
}
