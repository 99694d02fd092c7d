//! The ID of an event of a stream: [`EventId`].

use std::{fmt, str::FromStr};

use tracker_core::timeline::{InvalidPlace, Place};

use crate::{
    clock::now_ms,
    hub::{Event, LATE_MS},
};

/// A place among the arrivals, and a time that bounds how old the rows are that arrive after it.
#[derive(Clone, Debug)]
pub(crate) struct EventId {
    pub(crate) place: Place,
    /// The time in milliseconds since the Unix epoch: that of the event's row, else that at which
    /// the stream began.
    recorded: i64,
}

impl EventId {
    /// Returns the ID of a beginning. The ID names no row, because the last one that arrived may be
    /// of a project that the reader may not see.
    pub(crate) fn begin(from: &Place) -> Self {
        Self {
            place: from.without_row(),
            recorded: now_ms(),
        }
    }

    pub(crate) fn of(event: &Event) -> Self {
        Self {
            place: event.place.clone(),
            recorded: event.activity.created_at.unwrap_or_else(now_ms),
        }
    }

    /// Returns the time before which no row is looked for that arrived after this event.
    pub(crate) fn created_after(&self) -> i64 {
        self.recorded.min(now_ms()).saturating_sub(LATE_MS)
    }
}

impl fmt::Display for EventId {
    /// Writes `<place>.<recorded>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.place, self.recorded)
    }
}

impl FromStr for EventId {
    type Err = InvalidPlace;

    fn from_str(text: &str) -> Result<Self, InvalidPlace> {
        let (place, recorded) = text.split_once('.').ok_or(InvalidPlace)?;
        Ok(Self {
            place: place.parse()?,
            recorded: recorded.parse().map_err(|_| InvalidPlace)?,
        })
    }
}
