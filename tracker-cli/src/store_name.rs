//! The names of stores on the command line: URLs, libpq's pairs, and paths of SQLite files.

use std::{borrow::Cow, path::Path};

use tracker_core::store::{StoreKind, StoreUrl};

/// The ends of the names of SQLite files, which may not exist yet.
const SUFFIXES: [&str; 3] = ["db", "sqlite", "sqlite3"];

/// Returns the name of a store with a path of an SQLite file made a URL. Anything else is as it
/// was.
pub(crate) fn as_url(name: &str) -> Cow<'_, str> {
    let name = unquoted(name);
    if !is_path(name) {
        return name.into();
    }
    // Two slashes after the scheme are no part of a path.
    let path = match name.strip_prefix("//") {
        Some(path) => format!("/{}", path.trim_start_matches('/')).into(),
        None => Cow::from(name),
    };
    format!("sqlite:{path}").into()
}

/// Returns true for a URL of Postgres, and for `key=value` pairs in libpq's form.
pub(crate) fn is_postgres(name: &str) -> bool {
    let is_option = |name: &str| name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'));
    let pair = name.split_once('=');
    StoreUrl::parse(name).is_ok_and(|url| url.kind() == StoreKind::Postgres)
        || pair.is_some_and(|(name, _)| is_option(name.trim()))
}

/// Returns true for a path of an existing file, for one that ends as those of SQLite do, and for
/// one with a slash.
fn is_path(name: &str) -> bool {
    let path = Path::new(name);
    if path.is_file() {
        return true;
    }
    if has_scheme(name) || is_postgres(name) {
        return false;
    }
    let suffix = path.extension().and_then(|suffix| suffix.to_str());
    name.contains('/') || suffix.is_some_and(|suffix| SUFFIXES.contains(&suffix))
}

/// Returns true for a text that begins as a URL does. A single letter is a drive.
fn has_scheme(name: &str) -> bool {
    name.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "+.-_".contains(letter))
    })
}

/// Returns the text without the blanks, line ends and quotes that are copied along with a URL, or
/// come from a file of variables.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    unquoted.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_path_of_a_file_is_a_store() {
        for (name, url) in [
            ("tracker.db", "sqlite:tracker.db"),
            ("../a b/x.sqlite3", "sqlite:../a b/x.sqlite3"),
            ("/var/lib/tracker", "sqlite:/var/lib/tracker"),
            ("//var/lib/tracker", "sqlite:/var/lib/tracker"),
            ("'x.sqlite'\n", "sqlite:x.sqlite"),
            ("./a=b.db", "sqlite:./a=b.db"),
        ] {
            assert_eq!(as_url(name), url);
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("activities");
        fs::write(&path, "").unwrap();
        assert_eq!(
            as_url(path.to_str().unwrap()),
            format!("sqlite:{}", path.display())
        );
    }

    #[test]
    fn anything_else_is_left_as_it_is() {
        for name in [
            "sqlite:tracker.db",
            "sqlite:///var/lib/tracker.db",
            "postgres://u@h/tracker.db",
            "postgres+x://u@h/tracker.db",
            "mysql://h/x.db",
            "host=/run/postgresql dbname=app",
            "host=h dbname=x.db",
            "nats://h?stream=A",
            "tracker",
            ":memory:",
            "",
        ] {
            assert_eq!(as_url(name), name);
        }
    }
}
