//! The directory of journals, and who has which.
//!
//! Journals are numbered. A process takes the first whose lock is free, be it that nobody has had it yet or that who had it has ended: the
//! operating system releases a lock with its process, however that ends. So there are never more journals than processes
//! were alive at once, and what a process leaves is found by the next one that starts.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// The most journals of one directory, and so the most processes that share it.
const JOURNALS_MAX: usize = 1_024;

/// A journal that is this process's as long as this value lives.
#[derive(Debug)]
pub(crate) struct Slot {
    path: PathBuf,
    _lock: File,
}

impl Slot {
    /// Takes the first journal that nobody has, and makes the directory if there is none.
    pub(crate) fn take(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        for number in 0..JOURNALS_MAX {
            if let Some(slot) = Self::try_take(directory, number)? {
                return Ok(slot);
            }
        }
        Err(io::Error::other(
            "as many processes as can share a directory of journals have one there",
        ))
    }

    /// Takes every journal that was left by a process which has ended.
    pub(crate) fn take_left(directory: &Path) -> io::Result<Vec<Self>> {
        let mut left = Vec::new();
        for number in 0..JOURNALS_MAX {
            if path(directory, number).try_exists()?
                && let Some(slot) = Self::try_take(directory, number)?
            {
                left.push(slot);
            }
        }
        Ok(left)
    }

    fn try_take(directory: &Path, number: usize) -> io::Result<Option<Self>> {
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join(format!("journal-{number}.lock")))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self {
                path: path(directory, number),
                _lock: lock,
            })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The journal.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
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
    fn only_journals_that_are_there_and_that_nobody_has_are_left() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let held = Slot::take(directory).unwrap();
        let left = Slot::take(directory).unwrap();
        fs::write(held.path(), "").unwrap();
        fs::write(left.path(), "").unwrap();
        drop(left);
        drop(Slot::try_take(directory, 7).unwrap());
        let left = Slot::take_left(directory).unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].path(), directory.join("journal-1.db"));
        assert!(Slot::take_left(directory).unwrap().is_empty());
    }
}
