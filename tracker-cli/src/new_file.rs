//! A file that exists as a whole or not at all: [`NewFile`].

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process,
};

/// A file under a temporary name until it is complete.
pub(crate) struct NewFile {
    path: PathBuf,
    unfinished: PathBuf,
    file: BufWriter<File>,
}

impl NewFile {
    /// Creates the temporary file of a file at this path.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut name = path
            .file_name()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?
            .to_owned();
        name.push(format!(".{}.unfinished", process::id()));
        let unfinished = path.with_file_name(name);
        let file = BufWriter::new(File::create_new(&unfinished)?);
        Ok(Self {
            path: path.to_owned(),
            unfinished,
            file,
        })
    }

    /// Moves the complete file to its path, in place of an existing one.
    pub(crate) fn complete(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.unfinished, &self.path)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // A completed file has no temporary name any more.
        let _ = fs::remove_file(&self.unfinished);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_in_its_place_once_it_is_complete() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("activities.jsonl");
        fs::write(&path, "old").unwrap();
        let write = || {
            let mut file = NewFile::create(&path).unwrap();
            file.write_all(b"new").unwrap();
            file
        };
        drop(write());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        write().complete().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
