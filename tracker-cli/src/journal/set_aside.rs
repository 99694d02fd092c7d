//! The damaged journals that were set aside in a directory.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Stands in the name of each, between the journal's name and the time.
const MARK: &str = ".damaged-";

/// Returns the files, in the order of their names.
pub(super) fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // A write-ahead log goes with its file.
        if name.starts_with("journal-")
            && name.contains(MARK)
            && !name.ends_with("-wal")
            && !name.ends_with("-shm")
        {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}
