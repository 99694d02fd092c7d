//! The files that a hangup has the server read again: [`Reread`].

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    sync::Arc,
};

use tracker_server::Replaceable;

use crate::{failure, signals::Hangups};

/// Reads a file, and puts its content in use.
type Read = Box<dyn Fn(&Path) -> anyhow::Result<()>>;

/// A file whose content is in use, and is replaced when the file is read again.
pub(super) struct Reread {
    /// The name of the file's content, for the log.
    what: &'static str,
    file: PathBuf,
    read: Read,
}

impl Reread {
    /// Reads a file by `read`, and returns what stands for its content, now and after each
    /// rereading.
    pub(super) fn first<T: ?Sized + Send + Sync + 'static>(
        what: &'static str,
        file: PathBuf,
        read: impl Fn(&Path) -> anyhow::Result<Arc<T>> + 'static,
    ) -> anyhow::Result<(Arc<Replaceable<T>>, Self)> {
        let content = Arc::new(Replaceable::new(read(&file)?));
        let replaced = Arc::clone(&content);
        let read = Box::new(move |file: &Path| {
            replaced.replace(read(file)?);
            Ok(())
        });
        Ok((content, Self { what, file, read }))
    }
}

/// Reads the files again at each hangup. A file that can't be used changes nothing, and is logged.
pub(super) async fn read_at_each(mut hangups: Hangups, files: Vec<Reread>) -> Infallible {
    loop {
        hangups.next().await;
        if files.is_empty() {
            tracing::info!("there is no file of tokens, keys or labels to be read again");
        }
        for Reread { what, file, read } in &files {
            match read(file) {
                Ok(()) => tracing::info!(file = %file.display(), "{what} was read again"),
                Err(error) => tracing::error!(
                    error = failure::line(&*error),
                    "{what} can't be read again, and stays as it was: mend the file and send SIGHUP once more"
                ),
            }
        }
    }
}
