//! The origins of other sites in the headers of answers: [`Origin`].

use std::str::FromStr;

use thiserror::Error;

/// The origin of a site, as in `https://app.example.org` or `http://localhost:3000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin(String);

impl Origin {
    /// Parses a list of origins.
    pub(crate) fn all<I>(texts: I) -> Result<Vec<Self>, OriginError>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let texts = texts.into_iter();
        texts.map(|text| text.as_ref().parse()).collect()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let host = ["https://", "http://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme));
        // All other characters have a meaning of their own in a policy, or none.
        let is_known = |c: char| c.is_ascii_alphanumeric() || ".-:*[]".contains(c);
        match host {
            Some(host) if !host.is_empty() && host.chars().all(is_known) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(OriginError(text.to_owned())),
        }
    }
}

/// The error for a text that is no origin.
#[derive(Debug, Error)]
#[error("{0:?} is no origin: write it as https://app.example.org, without a path")]
pub struct OriginError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_an_origin_comes_into_a_policy() {
        for origin in [
            "https://app.example.org",
            "http://localhost:3000",
            "https://*.example.org",
            "http://[::1]:8080",
        ] {
            assert_eq!(origin.parse::<Origin>().unwrap().as_str(), origin);
        }
        for other in [
            "",
            "https://",
            "app.example.org",
            "https://app.example.org/",
            "https://app.example.org; script-src *",
            "https://app.example.org 'unsafe-inline'",
            "https://app.example.org\r\nSet-Cookie: a",
            "*",
            "data:",
        ] {
            assert!(other.parse::<Origin>().is_err(), "{other:?}");
        }
    }
}
