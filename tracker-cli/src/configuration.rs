//! The configuration file.

use std::{fs, io, path::PathBuf};

use serde::Deserialize;

use super::{
    failure::UsageError,
    options::{prune, serve},
    toml_file::parse,
};

/// The file that is read if no other is named and it exists.
const DEFAULT_FILE: &str = "tracker.toml";

/// The contents of the file: options under their long names.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Configuration {
    pub(crate) store: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) nats: Option<String>,
    pub(crate) serve: serve::Arguments,
    pub(crate) prune: prune::Arguments,
}

/// Reads the named file, or else the one in the working directory if there is one.
pub(crate) fn read(named: Option<PathBuf>) -> anyhow::Result<Configuration> {
    let is_named = named.is_some();
    let path = named.unwrap_or_else(|| DEFAULT_FILE.into());
    match fs::read_to_string(&path) {
        Ok(text) => Ok(parse(&path, &text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => {
            Ok(Configuration::default())
        }
        Err(error) => {
            let message = format!("can't read the configuration file {}", path.display());
            Err(UsageError::with_source(message, error).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn parsed(text: &str) -> Result<Configuration, String> {
        parse(Path::new("tracker.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_key_that_is_unknown_is_named_with_its_line_and_without_its_value() {
        let error = parsed("schema = 'app'\nstroe = 'postgres://u:hidden@h/db'").unwrap_err();
        assert!(
            error.starts_with("tracker.toml, line 2: unknown field `stroe`"),
            "{error}"
        );
        assert!(!error.contains("hidden"), "{error}");
        let error = parsed("[serve]\nport = 80").unwrap_err();
        assert!(error.contains("line 2: unknown field `port`"), "{error}");
        assert!(error.contains("`listen`"), "{error}");
    }

    #[test]
    fn a_mistake_is_told_without_the_line_that_has_it() {
        for text in [
            "store = postgres://u:hidden@h/db",
            "store = \"postgres://u:hidden@h/db",
            "store = ['postgres://u:hidden@h/db']",
            "store 'postgres://u:hidden@h/db'",
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains("line 1: "), "{error}");
            assert!(!error.contains("hidden"), "{error}");
        }
    }
}
