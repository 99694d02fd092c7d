//! A setting that differs from what it should be: [`Difference`].

use std::fmt;

/// One setting that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The stream or the consumer.
    pub of: String,
    /// The setting; `None` where the stream or consumer itself is missing.
    pub setting: Option<&'static str>,
    /// The value found.
    pub is: String,
    /// The value that it should have.
    pub should_be: String,
}

impl Difference {
    pub(in crate::store::jetstream) fn missing(of: &str) -> Self {
        Self {
            of: of.to_owned(),
            setting: None,
            is: "missing".to_owned(),
            should_be: "there".to_owned(),
        }
    }

    pub(in crate::store::jetstream) fn is_missing(&self) -> bool {
        self.setting.is_none()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            of, is, should_be, ..
        } = self;
        match self.setting {
            None => write!(f, "{of} is missing"),
            Some(setting) => write!(f, "{setting} of {of} is {is}, not {should_be}"),
        }
    }
}
