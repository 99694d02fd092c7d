//! The options that were found so far: [`Gathered`].

use std::{collections::BTreeMap, fmt};

use super::{
    ConnectionStringError,
    options::{Meaning, meaning},
};

/// The options of a connection string. As in libpq, an option given twice has the last value. An
/// option with an empty value is left out, and gets no default of the environment either.
pub(in crate::store::postgres) type Parameters = BTreeMap<&'static str, String>;

/// The longest unknown name that an error shows, in bytes.
const SHOWN_BYTES_MAX: usize = 40;

/// An option of a connection string that has no effect here, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ignored {
    /// The option's name.
    pub option: &'static str,
    /// The reason that it has no effect.
    pub because: &'static str,
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { option, because } = self;
        write!(f, "the option `{option}` is ignored: {because}")
    }
}

/// The options collected from a connection string.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) parameters: Parameters,
    pub(super) ignored: Vec<Ignored>,
    /// True if the next name may be the rest of a password that should have been quoted or
    /// percent-encoded.
    pub(super) in_doubt: bool,
}

impl Gathered {
    /// Adds an option of any client. As in libpq, an option given twice has the last value.
    pub(super) fn insert(
        &mut self,
        name: &str,
        value: String,
    ) -> Result<(), ConnectionStringError> {
        match meaning(name) {
            Some((option, Meaning::Supported) | (_, Meaning::Alias(option))) => {
                self.in_doubt |= matches!(option, "password" | "sslpassword");
                self.parameters.insert(option, value);
            }
            Some((option, Meaning::Unsupported)) => {
                return Err(ConnectionStringError::UnsupportedOption { option });
            }
            Some((option, Meaning::Ignored(because))) => self.ignore(option, because),
            None => return Err(self.unknown(name)),
        }
        Ok(())
    }

    /// Adds an option unless it is given already.
    pub(super) fn fill(&mut self, name: &str, value: String) -> Result<(), ConnectionStringError> {
        let is_given =
            meaning(name).is_some_and(|(option, _)| self.parameters.contains_key(option));
        if is_given {
            Ok(())
        } else {
            self.insert(name, value)
        }
    }

    pub(super) fn ignore(&mut self, option: &'static str, because: &'static str) {
        let ignored = Ignored { option, because };
        if !self.ignored.contains(&ignored) {
            self.ignored.push(ignored);
        }
    }

    fn unknown(&self, name: &str) -> ConnectionStringError {
        let shown = !self.in_doubt && looks_like_an_option(name);
        ConnectionStringError::UnknownOption {
            name: shown.then(|| name.to_owned()),
        }
    }
}

fn looks_like_an_option(name: &str) -> bool {
    name.len() <= SHOWN_BYTES_MAX
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}
