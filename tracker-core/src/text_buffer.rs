//! Many short texts, one behind the other: [`TextBuffer`].

use std::mem;

/// The longest text that is copied in pieces of a constant size, in bytes. To call `memcpy` takes
/// longer than to copy so few.
const SHORT: usize = 64;

/// The pieces of which a short text is copied, in bytes.
const PIECE: usize = 16;

/// The memory that a buffer begins with, in bytes: more than the texts of most activities.
const USUAL: usize = 512;

/// The bytes of texts, no more than `u16` can tell. What is behind them is zero or old, and is
/// written over.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextBuffer {
    bytes: Vec<u8>,
    len: u16,
}

impl TextBuffer {
    /// The most bytes of text.
    pub(crate) const LEN_MAX: usize = u16::MAX as usize;

    /// The number of bytes of text.
    #[inline]
    pub(crate) fn len(&self) -> u16 {
        self.len
    }

    /// The number of bytes that there is memory for.
    #[inline]
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// Removes what is behind so many bytes.
    pub(crate) fn truncate(&mut self, len: u16) {
        self.len = self.len.min(len);
    }

    /// All bytes of text.
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// Appends a text, for which there is room. What is too long is left out.
    #[inline]
    pub(crate) fn push_str(&mut self, text: &str) {
        if !self.push_short(text) {
            self.push_long(text);
        }
    }

    /// Appends a text, if it is short and needs no more memory than there is.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    pub(crate) fn push_short(&mut self, text: &str) -> bool {
        let (at, text) = (usize::from(self.len), text.as_bytes());
        let free = self.bytes.get_mut(at..at + SHORT);
        let Some(free) = free.and_then(<[u8]>::first_chunk_mut) else {
            return false;
        };
        if text.len() > SHORT {
            return false;
        }
        copy_short(text, free);
        self.len = u16::try_from(at + text.len()).unwrap_or(u16::MAX);
        true
    }

    #[cold]
    fn push_long(&mut self, text: &str) {
        let (at, text) = (usize::from(self.len), text.as_bytes());
        let end = at + text.len();
        if end + SHORT > self.bytes.len() {
            // A short text behind this one needs no more.
            let larger = (end + 2 * SHORT).max(USUAL).next_power_of_two();
            self.bytes.resize(larger.min(Self::LEN_MAX), 0);
        }
        if let (Ok(len), Some(free)) = (u16::try_from(end), self.bytes.get_mut(at..end)) {
            free.copy_from_slice(text);
            self.len = len;
        }
    }

    /// Takes the texts out.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let mut bytes = mem::take(&mut self.bytes);
        bytes.truncate(usize::from(mem::take(&mut self.len)));
        bytes
    }
}

/// Copies a short text. What is behind it is written over.
#[inline]
fn copy_short(text: &[u8], free: &mut [u8; SHORT]) {
    let len = text.len();
    let Some(last) = text.last_chunk::<PIECE>() else {
        copy_tiny(text, free);
        return;
    };
    // From the front piece by piece, and the last one over what of it is there already.
    let (whole, _) = text.as_chunks::<PIECE>();
    let (places, _) = free.as_chunks_mut::<PIECE>();
    for (place, piece) in places.iter_mut().zip(whole) {
        *place = *piece;
    }
    if let Some(place) = free
        .get_mut(len - PIECE..)
        .and_then(<[u8]>::first_chunk_mut)
    {
        *place = *last;
    }
}

/// Copies a text of fewer than [`PIECE`] bytes.
#[inline]
fn copy_tiny(text: &[u8], free: &mut [u8; SHORT]) {
    let len = text.len();
    if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        copy_both(first, last, len, free);
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        copy_both(first, last, len, free);
    } else if let (Some(first), Some(last)) = (text.first_chunk::<2>(), text.last_chunk::<2>()) {
        copy_both(first, last, len, free);
    } else if let Some(byte) = text.first() {
        free[0] = *byte;
    }
}

/// Copies the first and the last bytes of a text, which are all of it.
#[inline]
fn copy_both<const N: usize>(first: &[u8; N], last: &[u8; N], len: usize, free: &mut [u8; SHORT]) {
    if let Some(place) = free.first_chunk_mut() {
        *place = *first;
    }
    if let Some(place) = free.get_mut(len - N..).and_then(<[u8]>::first_chunk_mut) {
        *place = *last;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_of_any_length_stand_one_behind_the_other(
            texts in prop::collection::vec("[a-zäß日]{0,200}", 0..40),
        ) {
            let mut buffer = TextBuffer::default();
            for _ in 0..2 {
                let mut expected = String::new();
                for text in &texts {
                    buffer.push_str(text);
                    expected.push_str(text);
                    prop_assert_eq!(buffer.as_bytes(), expected.as_bytes());
                    prop_assert_eq!(usize::from(buffer.len()), expected.len());
                }
                let first = texts.first().map_or("", |text| text);
                buffer.truncate(u16::try_from(first.len()).unwrap());
                prop_assert_eq!(buffer.as_bytes(), first.as_bytes());
                buffer.clear();
            }
        }
    }

    #[test]
    fn what_is_too_long_is_left_out() {
        let mut buffer = TextBuffer::default();
        let long = "x".repeat(TextBuffer::LEN_MAX - 10);
        buffer.push_str(&long);
        buffer.push_str("eleven byte");
        assert_eq!(buffer.as_bytes(), long.as_bytes());
        buffer.push_str("ten bytes.");
        assert_eq!(buffer.as_bytes().len(), TextBuffer::LEN_MAX);
        buffer.push_str("x");
        assert_eq!(buffer.as_bytes().len(), TextBuffer::LEN_MAX);
    }
}
