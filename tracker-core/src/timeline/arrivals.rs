//! Reads the rows of a store in the order in which they arrived: [`Arrivals`].
//!
//! A timeline is ordered by `created_at`, so a row that was delivered late stands among older ones.
//! A reader that polls the first page of the timeline would miss it. A store therefore also has an
//! order of arrival, in which each row has a [`Place`].
//!
//! A store numbers its arrivals, and reuses the numbers once it is no longer the same store: a
//! backup was restored, another database answers at the same address, or the newest rows of a file
//! were removed. A place therefore identifies the numbering and the row. A store that does not find
//! the place fails with [`StoreError::UnknownPlace`](crate::StoreError::UnknownPlace), and the
//! reader begins anew.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use siphasher::sip::SipHasher13;
use thiserror::Error;

use super::{Cursor, cursor::Position};

/// The rows of some projects that came after one place and not after another.
#[derive(Clone, Debug)]
#[must_use]
pub struct Arrivals {
    pub(crate) projects: Vec<String>,
    pub(crate) after: Place,
    pub(crate) until: Place,
    pub(crate) created_after: i64,
    pub(crate) limit: u32,
}

impl Arrivals {
    /// Selects the rows that arrived after `after`, up to `until`, in these projects, at most
    /// 1,000.
    pub fn new(projects: Vec<String>, after: Place, until: Place) -> Self {
        Self {
            projects,
            after,
            until,
            created_after: i64::MIN,
            limit: super::LIMIT_MAX,
        }
    }

    /// Leaves out rows that were recorded before this time, in milliseconds since the Unix epoch,
    /// even if they arrived late. Postgres needs this limit because it has an index of times, and
    /// none of arrivals.
    pub fn created_after(mut self, ms: i64) -> Self {
        self.created_after = ms;
        self
    }
}

/// The progress of a store's arrivals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The place before which everything is visible: no row can become visible before it any more.
    pub settled: Place,
    /// The place that comes after all rows that are visible or being written.
    pub begun: Place,
}

impl Arrived {
    /// Returns the progress of a store in which rows become visible in the order of their numbers.
    pub(crate) fn at(place: Place) -> Self {
        Self {
            settled: place.clone(),
            begun: place,
        }
    }
}

/// A place in the order in which rows arrive in a store.
///
/// A place of the [arrivals](crate::Store::arrivals) of some projects may name the row that it is
/// after. The [progress](Arrived) of the whole store names none: a reader of one project who is
/// given such a place learns neither the ID nor the time of another project's row. Its number tells
/// how many rows or transactions the store has had, and a guess of that row's ID can be checked.
///
/// Its text is opaque, and safe in a URL and in a header. [`Display`](fmt::Display) writes it, and
/// [`FromStr`] reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The numbering that the place belongs to; each store computes an identifier of its own.
    pub(crate) numbering: u64,
    /// The number of the transaction; later transactions have greater numbers. In a store that
    /// numbers its rows instead, the number of the row.
    pub(crate) transaction: u64,
    /// The row of that transaction after which the place is; `None` for the place before all of its
    /// rows.
    pub(crate) row: Option<PlacedRow>,
}

/// The row after which a place is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PlacedRow {
    /// One of the rows of a transaction, which are in the order of the timeline.
    OfTransaction(Cursor),
    /// The only row of its number. The [hash](row_hash) of its ID tells if it still has that
    /// number.
    Numbered(u64),
}

/// The numbering of a store that recognises a place by its row alone.
pub(crate) const BY_ROWS: u64 = 0;

impl Place {
    /// Returns the place before all rows of a transaction.
    pub(crate) fn before(numbering: u64, transaction: u64) -> Self {
        Self {
            numbering,
            transaction,
            row: None,
        }
    }

    /// Returns the place after a row of a transaction.
    #[cfg(any(test, feature = "postgres"))]
    pub(crate) fn after(numbering: u64, transaction: u64, row: Cursor) -> Self {
        Self {
            numbering,
            transaction,
            row: Some(PlacedRow::OfTransaction(row)),
        }
    }

    /// Returns the place after the row of this number, in a store that numbers each row.
    pub(crate) fn after_number(numbering: u64, number: u64, action_id: &[u8]) -> Self {
        Self {
            numbering,
            transaction: number,
            row: Some(PlacedRow::Numbered(row_hash(action_id))),
        }
    }

    /// Returns the row of the transaction after which the place is.
    pub(crate) fn cursor(&self) -> Option<&Cursor> {
        match &self.row {
            Some(PlacedRow::OfTransaction(row)) => Some(row),
            Some(PlacedRow::Numbered(_)) | None => None,
        }
    }

    /// Returns whether the place is after the row with this ID, in a store that numbers each row.
    pub(crate) fn is_after_id(&self, action_id: &[u8]) -> bool {
        self.row == Some(PlacedRow::Numbered(row_hash(action_id)))
    }

    /// Returns the first number after the place, in a store that numbers each row.
    pub(crate) fn next_number(&self) -> u64 {
        self.transaction
            .saturating_add(u64::from(self.row.is_some()))
    }

    /// Returns true if this place is the other one or comes after it. Both have to be places of the
    /// same store.
    #[must_use]
    pub fn is_past(&self, other: &Self) -> bool {
        self.order() >= other.order()
    }

    fn order(&self) -> (u64, bool, Option<Position<'_>>) {
        let position = self.cursor().map(Cursor::position);
        (self.transaction, self.row.is_some(), position)
    }

    /// Returns this place, or an earlier one that names no row. Reading from it may repeat rows of
    /// the transaction that this place is in.
    #[must_use]
    pub fn without_row(&self) -> Self {
        match &self.row {
            Some(PlacedRow::OfTransaction(_)) => Self::before(self.numbering, self.transaction),
            Some(PlacedRow::Numbered(_)) | None => self.clone(),
        }
    }
}

/// Returns the same hash of a row's ID on each machine and in each release.
fn row_hash(action_id: &[u8]) -> u64 {
    SipHasher13::new().hash(action_id)
}

impl fmt::Display for Place {
    /// Writes `<numbering>.<transaction>`, followed by `.<cursor>` or `~<hash>` if there is a row,
    /// as unpadded URL-safe base64. The numbering and the hash are hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = format!("{:x}.{}", self.numbering, self.transaction);
        match &self.row {
            Some(PlacedRow::OfTransaction(row)) => text = format!("{text}.{row}"),
            Some(PlacedRow::Numbered(hash)) => text = format!("{text}~{hash:x}"),
            None => {}
        }
        f.write_str(&URL_SAFE_NO_PAD.encode(text))
    }
}

impl FromStr for Place {
    type Err = InvalidPlace;

    fn from_str(text: &str) -> Result<Self, InvalidPlace> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidPlace)?;
        let plain = String::from_utf8(bytes).map_err(|_| InvalidPlace)?;
        let (numbering, place) = plain.split_once('.').ok_or(InvalidPlace)?;
        let (transaction, row) = if let Some((transaction, cursor)) = place.split_once('.') {
            let cursor = cursor.parse().map_err(|_| InvalidPlace)?;
            (transaction, Some(PlacedRow::OfTransaction(cursor)))
        } else if let Some((number, hash)) = place.split_once('~') {
            (number, Some(PlacedRow::Numbered(hexadecimal(hash)?)))
        } else {
            (place, None)
        };
        // Both databases number their transactions and rows with an `i64`.
        let number: i64 = transaction.parse().map_err(|_| InvalidPlace)?;
        Ok(Self {
            numbering: hexadecimal(numbering)?,
            transaction: u64::try_from(number).map_err(|_| InvalidPlace)?,
            row,
        })
    }
}

fn hexadecimal(text: &str) -> Result<u64, InvalidPlace> {
    u64::from_str_radix(text, 16).map_err(|_| InvalidPlace)
}

/// The text is not a place; follow from now on, or pass the text of a [`Place`] unchanged.
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
        fn a_place_survives_its_text(numbering: u64, transaction in 0..i64::MAX as u64, hash: u64) {
            let cursor = Cursor::after(&Activity::new(ActionType::Deployment));
            let (row, number) = (PlacedRow::OfTransaction(cursor), PlacedRow::Numbered(hash));
            for row in [None, Some(row), Some(number)] {
                let place = Place { numbering, transaction, row };
                prop_assert_eq!(place.to_string().parse(), Ok(place));
            }
        }

        #[test]
        fn a_text_that_is_no_place_is_an_error_and_never_a_panic(text: String) {
            let _ = text.parse::<Place>();
        }
    }

    #[test]
    fn a_place_that_names_no_numbering_is_none() {
        let row = Cursor::after(&Activity::new(ActionType::Deployment));
        for text in ["5000024".to_owned(), format!("5000024.{row}")] {
            let encoded = URL_SAFE_NO_PAD.encode(text);
            assert_eq!(encoded.parse::<Place>(), Err(InvalidPlace));
        }
    }

    #[test]
    fn a_place_is_past_those_before_it_and_itself() {
        let cursor = |id: &str| {
            let mut row = Activity::new(ActionType::Deployment);
            (row.action_id, row.created_at) = (id.to_owned(), Some(1));
            Cursor::after(&row)
        };
        let places = [
            Place::before(1, 7),
            Place::after(1, 7, cursor("a")),
            Place::after(1, 7, cursor("b")),
            Place::before(1, 8),
        ];
        for (at, place) in places.iter().enumerate() {
            for (other_at, other) in places.iter().enumerate() {
                assert_eq!(place.is_past(other), at >= other_at, "{place:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_place_without_its_row_is_no_later_and_holds_no_id() {
        let cursor = Cursor::after(&Activity::new(ActionType::Deployment));
        let place = Place::after(1, 7, cursor);
        assert_eq!(place.without_row(), Place::before(1, 7));
        assert!(place.is_past(&place.without_row()));
        let number = Place::after_number(1, 7, b"order-17");
        assert_eq!(number.without_row(), number);
    }

    #[test]
    fn a_place_after_a_number_tells_the_row_and_does_not_hold_its_id() {
        let place = Place::after_number(1, 7, b"order-17");
        assert!(place.is_after_id(b"order-17") && !place.is_after_id(b"order-18"));
        assert!(place.is_past(&Place::before(1, 7)) && !place.is_past(&Place::before(1, 8)));
        // The text is that of each release, so that a client can resume after an upgrade.
        let text = URL_SAFE_NO_PAD.decode(place.to_string()).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "1.7~d8ea636955f01e5c");
    }
}
