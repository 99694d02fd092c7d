//! The answer of each command for a directory without journals.

use std::path::Path;

use crate::failure::note;

/// Says on stderr that a directory has no journals.
pub(super) fn tell_of_none(directory: &Path) {
    note(&format!("there are no journals in {}", directory.display()));
}
