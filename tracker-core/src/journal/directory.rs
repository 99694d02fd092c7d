//! The directory of journals, and the locks of its journals.
//!
//! Journals are numbered. A process takes the first one whose lock is free: a new one, or one whose
//! process has ended. The operating system releases a lock when its process ends, however it ends.
//! There are therefore never more journals than processes were alive at once, and the next process
//! that starts finds what an ended one left.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::{error::ReadError, salvage};
use crate::sqlite_file::Identity;

/// The most journals of one directory, and so the most processes that share it.
const JOURNALS_MAX: usize = 1_024;

/// A journal that is this process's as long as this value lives.
#[derive(Debug)]
pub(crate) struct Slot {
    path: PathBuf,
    lock_path: PathBuf,
    lock: File,
}

impl Slot {
    /// Takes the first journal that nobody has, and makes the directory if there is none.
    pub(crate) fn take(directory: &Path) -> io::Result<Self> {
        make(directory)?;
        let mut last_error = None;
        for number in 0..JOURNALS_MAX {
            match Self::try_take(directory, number) {
                Ok(Some(slot)) => return Ok(slot),
                Ok(None) => {}
                // This lock file can't be opened or locked, for example because of its owner. The
                // next number may work.
                Err(error) => last_error = Some(error),
            }
        }
        Err(last_error.unwrap_or_else(|| {
            io::Error::other(
                "as many processes as can share a directory of journals have one there",
            )
        }))
    }

    /// Takes every journal that was left by a process which has ended.
    pub(crate) fn take_left(directory: &Path) -> Vec<Self> {
        let is_there = |number: &usize| {
            let path = path(directory, *number);
            path.exists() || salvage::salvaged(&path).exists()
        };
        (0..JOURNALS_MAX)
            .filter(is_there)
            .filter_map(|number| Self::try_take(directory, number).ok().flatten())
            .collect()
    }

    fn try_take(directory: &Path, number: usize) -> io::Result<Option<Self>> {
        let lock_path = directory.join(format!("journal-{number}.lock"));
        let lock = make_file(&lock_path)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self {
                path: path(directory, number),
                lock_path,
                lock,
            })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Returns whether the lock is still the one that another process would take. Its file may have
    /// been removed, and created again by another process.
    pub(crate) fn is_held(&self) -> bool {
        let (held, named) = (self.lock.metadata(), fs::metadata(&self.lock_path));
        match (held, named) {
            (Ok(held), Ok(named)) => Identity::from(&held) == Identity::from(&named),
            _ => false,
        }
    }

    /// The journal.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Creates a directory and its missing parents, for their owner alone, so that they survive a power
/// loss.
fn make(directory: &Path) -> io::Result<()> {
    let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let missing: Vec<_> = directory.ancestors().take_while(is_missing).collect();
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    for made in missing {
        sync_entry(made);
    }
    Ok(())
}

/// Opens a file, and makes it if there is none, for its owner alone: it says who did what.
pub(super) fn make_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Has the disk keep the entry of a file or a directory, as far as the file system can be asked to.
pub(super) fn sync_entry(path: &Path) {
    let directory = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return,
    };
    // Some systems can't open or sync directories. There is nothing more to do then.
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
}

/// Returns the journals of a directory, in the order of their numbers.
pub(super) fn list(directory: &Path) -> Result<Vec<PathBuf>, ReadError> {
    files(directory, number)
}

/// Returns the damaged journals that were set aside in a directory, in the order of their paths.
pub(super) fn list_set_aside(directory: &Path) -> Result<Vec<PathBuf>, ReadError> {
    files(directory, |path| salvage::is_set_aside(path).then_some(()))
}

/// Returns the files that have a key, in the order of their keys.
fn files<K: Ord>(
    directory: &Path,
    key: impl Fn(&Path) -> Option<K>,
) -> Result<Vec<PathBuf>, ReadError> {
    let read = || {
        let mut found = Vec::new();
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            found.extend(key(&path).map(|key| (key, path)));
        }
        found.sort();
        Ok(found.into_iter().map(|(_, path)| path).collect())
    };
    read().map_err(|error: io::Error| ReadError::new(directory, error.into()))
}

fn number(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix("journal-")?
        .strip_suffix(".db")?
        .parse()
        .ok()
}

fn path(directory: &Path, number: usize) -> PathBuf {
    directory.join(format!("journal-{number}.db"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_takes_its_own_and_the_first_that_is_free_is_taken_again() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path().join("made/when/needed");
        let [first, second, third] = [(); 3].map(|()| Slot::take(&directory).unwrap());
        assert_eq!(first.path(), directory.join("journal-0.db"));
        assert_eq!(third.path(), directory.join("journal-2.db"));
        drop(second);
        assert_eq!(
            Slot::take(&directory).unwrap().path(),
            directory.join("journal-1.db")
        );
    }

    #[test]
    fn a_number_whose_files_are_unusable_is_passed_over() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("journal-0.lock")).unwrap();
        let slot = Slot::take(directory.path()).unwrap();
        assert_eq!(slot.path(), directory.path().join("journal-1.db"));
    }

    #[test]
    fn a_lock_whose_file_was_removed_is_held_no_more() {
        let directory = tempfile::tempdir().unwrap();
        let slot = Slot::take(directory.path()).unwrap();
        assert!(slot.is_held());
        fs::remove_file(directory.path().join("journal-0.lock")).unwrap();
        assert!(!slot.is_held());
        let other = Slot::take(directory.path()).unwrap();
        assert_eq!(other.path(), slot.path());
        assert!(!slot.is_held() && other.is_held());
    }

    #[test]
    fn journals_are_listed_in_the_order_of_their_numbers_and_nothing_else_is() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        for name in [
            "journal-10.db",
            "journal-9.db",
            "journal-9.lock",
            "other.db",
        ] {
            fs::write(directory.join(name), "").unwrap();
        }
        assert_eq!(
            list(directory).unwrap(),
            ["journal-9.db", "journal-10.db"].map(|name| directory.join(name))
        );
        assert!(list(&directory.join("missing")).is_err_and(|error| error.is_missing()));
    }

    #[test]
    fn only_journals_that_are_there_and_that_nobody_has_are_left() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let held = Slot::take(directory).unwrap();
        let left = Slot::take(directory).unwrap();
        fs::write(held.path(), "").unwrap();
        fs::write(left.path(), "").unwrap();
        drop(left);
        drop(Slot::try_take(directory, 7).unwrap());
        let left = Slot::take_left(directory);
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].path(), directory.join("journal-1.db"));
        assert!(Slot::take_left(directory).is_empty());
    }
}
