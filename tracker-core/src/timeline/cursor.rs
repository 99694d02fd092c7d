//! The start of the next page of a timeline: [`Cursor`].

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use thiserror::Error;

use crate::Activity;

/// A place in a timeline, after one of its rows.
///
/// Its text is opaque, and safe in a URL. [`Display`](fmt::Display) writes it, and [`FromStr`]
/// reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    created_at: Option<i64>,
    action_id: String,
}

impl Cursor {
    /// Returns the place after this activity.
    #[must_use]
    pub fn after(activity: &Activity) -> Self {
        Self {
            created_at: activity.created_at,
            action_id: activity.action_id.clone(),
        }
    }

    /// Returns the row's time in milliseconds since the Unix epoch; `None` if the row has none.
    #[must_use]
    pub fn created_at(&self) -> Option<i64> {
        self.created_at
    }

    /// Returns the row's ID.
    #[must_use]
    pub fn action_id(&self) -> &str {
        &self.action_id
    }

    /// Returns whether the row is this one or an older one.
    pub(crate) fn is_at_or_above(&self, row: &Activity) -> bool {
        position(row) <= self.position()
    }

    /// Returns the row's position.
    pub(super) fn position(&self) -> Position<'_> {
        (self.created_at, &self.action_id)
    }
}

/// The position of a row in its timeline; newer rows have greater ones. `None` is less than any
/// time.
pub(super) type Position<'a> = (Option<i64>, &'a str);

pub(super) fn position(activity: &Activity) -> Position<'_> {
    (activity.created_at, &activity.action_id)
}

impl fmt::Display for Cursor {
    /// Writes `<created_at>.<action_id>` as unpadded URL-safe base64. The time is empty if the row
    /// has none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.created_at.map(|ms| ms.to_string()).unwrap_or_default();
        f.write_str(&URL_SAFE_NO_PAD.encode(format!("{time}.{}", self.action_id)))
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let plain = String::from_utf8(bytes).map_err(|_| InvalidCursor)?;
        let (time, action_id) = plain.split_once('.').ok_or(InvalidCursor)?;
        let created_at = match time {
            "" => None,
            time => Some(time.parse().map_err(|_| InvalidCursor)?),
        };
        Ok(Self {
            created_at,
            action_id: action_id.to_owned(),
        })
    }
}

/// The text is not a cursor; start from the first page, or pass the text of a
/// [`Page::next`](super::Page::next) unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "not a cursor: pass the one of the previous page unchanged, or none to start at the first page"
)]
pub struct InvalidCursor;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_survives_its_text(created_at: Option<i64>, action_id: String) {
            let cursor = Cursor { created_at, action_id };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn a_text_that_is_no_cursor_is_an_error_and_never_a_panic(text: String) {
            if let Ok(cursor) = text.parse::<Cursor>() {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }
}
