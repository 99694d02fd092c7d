//! Reading activities back, newest first: a [`Query`], the [`Page`] that answers it, and the
//! [`Cursor`] that leads to the next one.
//!
//! ```
//! use tracker_core::{ActionType, Activity, MemoryStore, Store, timeline::Query};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = MemoryStore::new();
//! let activities = (0..3).map(|_| Activity::new(ActionType::Deployment).project_id("project_7"));
//! store.write(activities.collect()).await?;
//!
//! let first = store.timeline(Query::project("project_7").limit(2)).await?;
//! assert_eq!(first.activities.len(), 2);
//!
//! let next = first.next.ok_or("a second page")?;
//! let second = store.timeline(Query::project("project_7").limit(2).after(next)).await?;
//! assert_eq!(second.activities.len(), 1);
//! assert_eq!(second.next, None);
//! # Ok(())
//! # }
//! ```
//!
//! The order is by `created_at`, then by `action_id`, both descending. Rows without a time, which
//! only other programs write, come last. A cursor names the row it stands behind, not a number of
//! rows, so pages neither repeat nor skip a row when new ones arrive between them.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use thiserror::Error;

use crate::Activity;

/// The number of activities on a page unless the query says another.
pub const LIMIT_DEFAULT: u32 = 50;

/// The most activities a page can have; a query for more gets this many.
pub const LIMIT_MAX: u32 = 1_000;

/// Which activities to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    project_id: String,
    limit: u32,
    after: Option<Cursor>,
}

impl Query {
    /// The newest [`LIMIT_DEFAULT`] activities of a project.
    #[must_use]
    pub fn project(project_id: impl fmt::Display) -> Self {
        Self {
            project_id: project_id.to_string(),
            limit: LIMIT_DEFAULT,
            after: None,
        }
    }

    /// Sets how many activities a page has at most: 1 to [`LIMIT_MAX`], the nearest of which is
    /// taken for a number outside.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, LIMIT_MAX);
        self
    }

    /// Continues behind the row that the cursor names.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }

    /// The project whose activities are read; for a [`Store`](crate::Store) to answer the query.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// How many activities the page may have.
    #[must_use]
    pub fn page_limit(&self) -> u32 {
        self.limit
    }

    /// The row behind which the page starts.
    #[must_use]
    pub fn cursor(&self) -> Option<&Cursor> {
        self.after.as_ref()
    }
}

/// What a query found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The activities, newest first.
    pub activities: Vec<Activity>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<Cursor>,
}

impl Page {
    /// The page of `query` from up to one row more than its limit: that row is left out and tells
    /// that there is a next page.
    #[must_use]
    pub fn from_rows(query: &Query, mut rows: Vec<Activity>) -> Self {
        let limit = query.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        Self {
            next: rows.last().filter(|_| more).map(Cursor::behind),
            activities: rows,
        }
    }
}

/// A place in a timeline: behind one of its rows.
///
/// Its text is opaque and safe in a URL; it comes from [`Display`](fmt::Display) and goes back
/// through [`FromStr`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    created_at: Option<i64>,
    action_id: String,
}

impl Cursor {
    /// The place behind this activity.
    #[must_use]
    pub fn behind(activity: &Activity) -> Self {
        Self {
            created_at: activity.created_at,
            action_id: activity.action_id.clone(),
        }
    }

    /// The row's time in milliseconds since the Unix epoch; `None` for a row that has none.
    #[must_use]
    pub fn created_at(&self) -> Option<i64> {
        self.created_at
    }

    /// The row's ID.
    #[must_use]
    pub fn action_id(&self) -> &str {
        &self.action_id
    }
}

impl fmt::Display for Cursor {
    /// `<created_at>.<action_id>`, the time empty where there is none, in unpadded URL-safe base64.
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

/// The text is no cursor; start from the first page, or pass the text of a [`Page::next`] unchanged.
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

    #[test]
    fn a_limit_outside_its_bounds_takes_the_nearest() {
        assert_eq!(Query::project("p").limit(0).page_limit(), 1);
        assert_eq!(Query::project("p").limit(u32::MAX).page_limit(), LIMIT_MAX);
    }
}
