//! The line of details while it is written: [`Line`].

use std::fmt;

use crate::{
    bounded_text::{BYTES_MAX, BoundedText, cut},
    draft::{Draft, Field},
};

/// A line that becomes a draft's details when it [ends](Self::end). It stays out of the draft if
/// writing it panics.
pub struct Line<'a> {
    draft: &'a mut Draft,
    start: u16,
    /// The number of bytes that may still come.
    room: usize,
}

impl<'a> Line<'a> {
    /// An empty line.
    #[inline]
    #[must_use]
    pub fn of(draft: &'a mut Draft) -> Self {
        let start = draft.start();
        Self {
            draft,
            start,
            room: BYTES_MAX,
        }
    }

    /// Adds a text.
    #[inline]
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.push(text);
        self
    }

    /// Adds what is formatted.
    #[must_use]
    pub fn formatted(mut self, text: fmt::Arguments<'_>) -> Self {
        self.push_formatted(text);
        self
    }

    /// Makes the line the draft's details.
    #[inline]
    pub fn end(self) {
        self.draft.set(Field::Details, self.start);
    }

    #[inline]
    pub(super) fn push(&mut self, text: &str) {
        match self.room.checked_sub(text.len()) {
            Some(room) if self.draft.buffer.push_short(text) => self.room = room,
            _ => self.push_long(text),
        }
    }

    /// Adds a text that is no constant. The code is not copied into each tracked function for it.
    #[inline(never)]
    pub(super) fn push_value(&mut self, text: &str) {
        self.push(text);
    }

    #[cold]
    fn push_long(&mut self, text: &str) {
        let cut = cut(text, self.room);
        self.draft.buffer.push_str(cut);
        self.room = if cut.len() == text.len() {
            self.room - cut.len()
        } else {
            0
        };
    }

    /// Adds what is formatted. Where a `Display` fails, the line ends with what it has written.
    pub(super) fn push_formatted(&mut self, text: fmt::Arguments<'_>) {
        let mut end = BoundedText::with_room(&mut self.draft.buffer, self.room);
        self.room = match fmt::Write::write_fmt(&mut end, text) {
            Ok(()) => end.room(),
            Err(fmt::Error) => 0,
        };
    }
}
