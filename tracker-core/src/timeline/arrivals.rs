//! What comes into a store, in the order in which it does: [`Arrivals`].
//!
//! A timeline is in the order of `created_at`, in which a row that was delivered late stands among older ones: following its first page would
//! miss it. So a store also tells in which order rows came to be seen, and each has a [`Place`] in that order.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use thiserror::Error;

use super::Cursor;

/// The rows of some projects that came behind one place and not behind another.
#[derive(Clone, Debug)]
#[must_use]
pub struct Arrivals {
    pub(crate) projects: Vec<String>,
    pub(crate) behind: Place,
    pub(crate) until: Place,
    pub(crate) created_after: i64,
    pub(crate) limit: u32,
}

impl Arrivals {
    /// What came behind `behind`, up to `until`, into these projects: 1,000 rows at most.
    pub fn new(projects: Vec<String>, behind: Place, until: Place) -> Self {
        Self {
            projects,
            behind,
            until,
            created_after: i64::MIN,
            limit: super::LIMIT_MAX,
        }
    }

    /// Leaves out what was recorded before this time, in milliseconds since the Unix epoch, however late it came: Postgres has an index of
    /// times, and none of arrivals.
    pub fn created_after(mut self, ms: i64) -> Self {
        self.created_after = ms;
        self
    }
}

/// How far a store has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// All that came before this place is seen: no row will come to be seen before it.
    pub settled: Place,
    /// All that is seen, or being written, came before this place.
    pub begun: Place,
}

impl Arrived {
    /// Of a store in which rows are seen in the order of their numbers.
    pub(crate) fn at(place: Place) -> Self {
        Self {
            settled: place.clone(),
            begun: place,
        }
    }
}

/// A place in the order in which rows come into a store.
///
/// Its text is opaque and safe in a URL and in a header; it comes from [`Display`](fmt::Display) and goes back through [`FromStr`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Rows of a later transaction have a greater one.
    pub(crate) transaction: u64,
    /// The row of that transaction behind which the place is; before all of them where there is none.
    pub(crate) row: Option<Cursor>,
}

impl Place {
    /// Before all rows of a transaction.
    pub(crate) fn before(transaction: u64) -> Self {
        Self {
            transaction,
            row: None,
        }
    }

    /// Whether all that came before the other place came before this one as well.
    #[must_use]
    pub fn is_past(&self, other: &Self) -> bool {
        self.transaction >= other.transaction
    }

    /// When the row at this place was recorded, in milliseconds since the Unix epoch, where there is one.
    #[must_use]
    pub fn created_at(&self) -> Option<i64> {
        self.row.as_ref().and_then(Cursor::created_at)
    }
}

impl fmt::Display for Place {
    /// `<transaction>`, or `<transaction>.<cursor>`, in unpadded URL-safe base64.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match &self.row {
            None => self.transaction.to_string(),
            Some(row) => format!("{}.{row}", self.transaction),
        };
        f.write_str(&URL_SAFE_NO_PAD.encode(text))
    }
}

impl FromStr for Place {
    type Err = InvalidPlace;

    fn from_str(text: &str) -> Result<Self, InvalidPlace> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidPlace)?;
        let plain = String::from_utf8(bytes).map_err(|_| InvalidPlace)?;
        let (transaction, row) = match plain.split_once('.') {
            None => (&*plain, None),
            Some((transaction, row)) => (transaction, Some(row.parse().map_err(|_| InvalidPlace)?)),
        };
        // As both databases number their transactions and rows.
        let number: i64 = transaction.parse().map_err(|_| InvalidPlace)?;
        let transaction = u64::try_from(number).map_err(|_| InvalidPlace)?;
        Ok(Self { transaction, row })
    }
}

/// The text is no place; follow from now on, or pass the text of a [`Place`] unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "not a place in a stream: pass the ID of the last event unchanged, or none to begin with what comes next"
)]
pub struct InvalidPlace;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{ActionType, Activity};

    proptest! {
        #[test]
        fn a_place_survives_its_text(transaction in 0..i64::MAX as u64, is_row: bool) {
            let row = is_row.then(|| Cursor::behind(&Activity::new(ActionType::Deployment)));
            let place = Place { transaction, row };
            prop_assert_eq!(place.to_string().parse(), Ok(place));
        }

        #[test]
        fn a_text_that_is_no_place_is_an_error_and_never_a_panic(text: String) {
            let _ = text.parse::<Place>();
        }
    }
}
