//! Texts that take no more memory than a row can hold: [`BoundedText`].

use std::fmt::{self, Write as _};

use crate::limits::DETAILS_CHARS_MAX;

/// The most bytes of one text. A longer one is sure to have more characters than any limit of a
/// row, so that repairing the row cuts it visibly.
pub(crate) const BYTES_MAX: usize = 4 * (DETAILS_CHARS_MAX + 1);

/// The end of a buffer, where one text is written, no further than [`BYTES_MAX`] bytes.
pub(crate) struct BoundedText<'a> {
    buffer: &'a mut String,
    /// The number of bytes that may still come.
    room: usize,
    is_full: bool,
}

impl<'a> BoundedText<'a> {
    pub(crate) fn at_the_end_of(buffer: &'a mut String) -> Self {
        Self {
            buffer,
            room: BYTES_MAX,
            is_full: false,
        }
    }

    /// Writes a text; tells whether it is there as far as there is room. Otherwise its `Display`
    /// has failed.
    pub(crate) fn write_whole(mut self, text: fmt::Arguments<'_>) -> bool {
        self.write_fmt(text).is_ok() || self.is_full
    }

    #[cold]
    fn write_cut(&mut self, text: &str) -> fmt::Result {
        self.buffer.push_str(cut(text, self.room));
        self.room = 0;
        self.is_full = true;
        Err(fmt::Error)
    }
}

impl fmt::Write for BoundedText<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let Some(room) = self.room.checked_sub(text.len()) else {
            return self.write_cut(text);
        };
        self.room = room;
        self.buffer.push_str(text);
        Ok(())
    }
}

/// As much of a text as is written of one.
#[inline]
pub(crate) fn bounded(text: &str) -> &str {
    cut(text, BYTES_MAX)
}

/// As much of a text as so many bytes hold.
#[inline]
fn cut(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        text
    } else {
        shortened(text, bytes_max)
    }
}

#[cold]
fn shortened(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// A text of its own, and whether its `Display` has not failed.
pub(crate) fn to_bounded_string(text: fmt::Arguments<'_>) -> (String, bool) {
    let mut buffer = String::new();
    let is_whole = BoundedText::at_the_end_of(&mut buffer).write_whole(text);
    (buffer, is_whole)
}
