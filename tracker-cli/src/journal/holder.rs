//! The process that holds a journal.

use std::{fs, path::Path};

/// Returns the process that has locked a journal, or `None` if it can't be known.
#[cfg(target_os = "linux")]
pub(super) fn holder(journal: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;

    let lock = fs::metadata(journal.with_extension("lock")).ok()?;
    let locks = fs::read_to_string("/proc/locks").ok()?;
    holder_of(&locks, &file_name(lock.dev(), lock.ino()))
}

/// Other systems do not tell.
#[cfg(not(target_os = "linux"))]
pub(super) fn holder(_: &Path) -> Option<u32> {
    None
}

/// Returns the name of a file in /proc/locks: the two halves of its device in hexadecimal, and its
/// inode.
fn file_name(device: u64, number: u64) -> String {
    let major = (device >> 8) & 0xfff | (device >> 32) & !0xfff;
    let minor = device & 0xff | (device >> 12) & !0xff;
    format!("{major:02x}:{minor:02x}:{number}")
}

/// Finds `1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF`.
fn holder_of(locks: &str, file: &str) -> Option<u32> {
    let holders = locks.lines().filter_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        let [_, "FLOCK", _, "WRITE", process, found, ..] = words[..] else {
            return None;
        };
        (found == file).then(|| process.parse().ok())?
    });
    // A process in another container has no number here.
    holders.into_iter().find(|process| *process != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_is_found_by_the_file_that_it_has_locked() {
        let locks = "1: POSIX  ADVISORY  WRITE 12 fe:00:7 0 EOF\n\
                     2: FLOCK  ADVISORY  WRITE 4711 fe:00:7 0 EOF\n\
                     2: -> FLOCK  ADVISORY  WRITE 4712 fe:00:7 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 0 fe:00:8 0 EOF\n";
        assert_eq!(file_name(0xfe00, 7), "fe:00:7");
        assert_eq!(holder_of(locks, "fe:00:7"), Some(4_711));
        assert_eq!(holder_of(locks, "fe:00:8"), None);
        assert_eq!(holder_of(locks, "08:01:7"), None);
    }
}
