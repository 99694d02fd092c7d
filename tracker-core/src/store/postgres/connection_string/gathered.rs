//! The options that were found so far: [`Gathered`].

use std::{collections::BTreeMap, fmt};

use super::{
    error::ConnectionStringError,
    options::{Meaning, meaning},
};

/// The options of a connection string. An option that is given twice has the value that was given last, as in libpq;
/// one with an empty value is left out, as if it had not been given, nor a default of the environment.
pub(in crate::store::postgres) type Parameters = BTreeMap<&'static str, String>;

/// The longest unknown name that is shown.
const SHOWN_BYTES_MAX: usize = 40;

/// An option of a connection string that changes nothing here, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ignored {
    /// The option's name.
    pub option: &'static str,
    /// Why there is nothing to do for it.
    pub because: &'static str,
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { option, because } = self;
        write!(f, "the option `{option}` is ignored: {because}")
    }
}

/// What is gathered from a connection string, option by option.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) parameters: Parameters,
    pub(super) ignored: Vec<Ignored>,
    /// Whether what comes next may be the rest of a password that should have been quoted or percent-encoded.
    pub(super) in_doubt: bool,
}

impl Gathered {
    /// Takes in an option of any client. Of an option that is given twice, the last value counts, as for libpq.
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

    /// Takes in an option that the string itself leaves open.
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
