//! Reads the small files that libpq has beside a connection string.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::ConnectionStringError;

/// The largest file that is read, in bytes.
const BYTES_MAX: u64 = 1024 * 1024;

/// Returns the text of the file that `option` names, or `None` if the file does not exist. Bytes
/// that are not UTF-8 become U+FFFD.
pub(super) fn read_if_there(
    path: &Path,
    option: &'static str,
) -> Result<Option<String>, ConnectionStringError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| {
        file.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(())
    });
    match read {
        Ok(()) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ConnectionStringError::UnreadableFile {
            option,
            kind: error.kind(),
        }),
    }
}
