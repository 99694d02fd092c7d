//! The start of the next page of blocks: [`BlockCursor`].

use std::{fmt, str::FromStr};

use super::{Cursor, InvalidCursor};

/// A place in a timeline of blocks: after one of its rows, and below the row that was the newest
/// when the first page was read.
///
/// Rows above that one have arrived since. They move no block, so pages neither repeat nor skip
/// one.
///
/// Its text is opaque, and safe in a URL. [`Display`](fmt::Display) writes it, and [`FromStr`]
/// reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockCursor {
    pub(crate) top: Cursor,
    pub(crate) after: Cursor,
}

impl BlockCursor {
    /// Returns the newest row of the timeline.
    #[must_use]
    pub fn top(&self) -> &Cursor {
        &self.top
    }

    /// Returns the last row that the previous page has walked.
    #[must_use]
    pub fn after(&self) -> &Cursor {
        &self.after
    }
}

impl fmt::Display for BlockCursor {
    /// Writes `<top>.<after>`, the texts of both rows' cursors.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.top, self.after)
    }
}

impl FromStr for BlockCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (top, after) = text.split_once('.').ok_or(InvalidCursor)?;
        Ok(Self {
            top: top.parse()?,
            after: after.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Activity;

    fn cursor(created_at: Option<i64>, action_id: String) -> Cursor {
        let mut row = Activity::empty(action_id);
        row.created_at = created_at;
        Cursor::after(&row)
    }

    proptest! {
        #[test]
        fn a_cursor_survives_its_text(top: (Option<i64>, String), after: (Option<i64>, String)) {
            let cursor = BlockCursor {
                top: cursor(top.0, top.1),
                after: cursor(after.0, after.1),
            };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn a_text_that_is_no_cursor_is_an_error_and_never_a_panic(text: String) {
            if let Ok(cursor) = text.parse::<BlockCursor>() {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }

    #[test]
    fn a_cursor_of_plain_pages_is_none_of_blocks_and_neither_the_other_way_round() {
        let plain = cursor(Some(7), "a".to_owned());
        assert_eq!(plain.to_string().parse::<BlockCursor>(), Err(InvalidCursor));
        let blocks = BlockCursor {
            top: plain.clone(),
            after: plain,
        };
        assert_eq!(blocks.to_string().parse::<Cursor>(), Err(InvalidCursor));
    }
}
