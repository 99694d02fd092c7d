//! Pictures of pages, for people to look at.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Keeps a picture as `target/browser/NAME.png`.
pub fn keep_picture(name: &str, png: &[u8]) {
    let folder = repository().join("target/browser");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(name).with_extension("png"), png).expect("a file");
}

/// Makes it the README's picture too, `docs/timeline.png`, if `TRACKER_SCREENSHOT` is 1.
pub fn keep_readme_picture(png: &[u8]) {
    if env::var_os("TRACKER_SCREENSHOT").is_some_and(|value| value == "1") {
        fs::write(repository().join("docs/timeline.png"), png).expect("a file");
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
