//! Limits to the size of a row, and the repair of values that exceed them.
//!
//! An activity is never refused for its values. A value that a database would reject, or that would
//! let a queue of rows grow without bound, is visibly changed when the activity is recorded. The
//! rest of the row is kept.
//!
//! ```
//! use tracker_core::{limits::ID_CHARS_MAX, testing::capture, tracked};
//!
//! #[tracked(action = "deployment", details = "deployed {image}")]
//! async fn deploy(user_id: &str, image: &str) {}
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let long = "x".repeat(300);
//! let ((), activities) = capture(deploy(&long, "api\0:4")).await;
//!
//! let user_id = activities[0].user_id.as_deref().unwrap_or_default();
//! assert_eq!(user_id.chars().count(), ID_CHARS_MAX);
//! assert!(user_id.ends_with('…'));
//! assert_eq!(activities[0].action_details.as_deref(), Some("deployed api\u{FFFD}:4"));
//! # }
//! ```
//!
//! | value | repair |
//! | --- | --- |
//! | a NUL character, which neither `VARCHAR` nor `JSONB` can hold | becomes U+FFFD |
//! | details of more than [`DETAILS_CHARS_MAX`] characters | cut there, the last character an ellipsis |
//! | an ID or another name of more than [`ID_CHARS_MAX`] characters | cut in the same way |
//! | an empty ID, action name or environment, which names nothing, or empty details | becomes `NULL` |
//! | an empty `action_id` | becomes a new one |
//! | a reference with an empty name or an empty ID | is left out |
//! | more than [`REFERENCES_MAX`] reference IDs | the first ones are kept |
//! | names of references that are the same after all this | the last one is kept |
//! | a reference ID that is a JSON array or object, of more than [`JSON_BYTES_MAX`] bytes or [`JSON_DEPTH_MAX`] levels | becomes its JSON text, cut as an ID |
//! | a reference ID that is a number, or has one, of more than [`JSON_BYTES_MAX`] characters where it is written without an exponent | becomes its JSON text, cut as an ID |
//!
//! A [`ReferenceIds`](struct@crate::ReferenceIds) that was made from JSON other than an object is
//! repaired like a single ID.

use std::borrow::Cow;

/// The maximum length of `action_details`, in characters: enough for one line of text.
pub const DETAILS_CHARS_MAX: usize = 1_000;

/// The maximum length of an ID, an environment, an action name, a status, or the name of a
/// reference, in characters.
///
/// At four bytes a character, the three columns of the timeline's index stay below 2,704 bytes, the
/// maximum size of an entry in a Postgres B-tree.
pub const ID_CHARS_MAX: usize = 255;

/// The maximum number of reference IDs of an activity.
pub const REFERENCES_MAX: usize = 32;

/// The maximum length of the JSON text of a reference ID that is an array or an object, in bytes.
/// The longest ID takes as much.
pub const JSON_BYTES_MAX: usize = 4 * ID_CHARS_MAX;

/// The maximum nesting depth of a reference ID that is an array or an object. JSON parsers,
/// including that of this crate, accept more, so every stored value can be read.
pub const JSON_DEPTH_MAX: usize = 64;

const NUL: char = '\0';
const ELLIPSIS: char = '…';

/// Replaces NUL characters in `text` and truncates it to `chars_max` characters.
pub(crate) fn repair(text: &mut String, chars_max: usize) {
    // A text with no more bytes than `chars_max` needs no counting. This is nearly every text.
    if text.len() > chars_max
        && let Some((end, _)) = text.char_indices().nth(chars_max)
    {
        let kept = text[..end].chars().next_back().map_or(0, char::len_utf8);
        text.truncate(end - kept);
        text.push(ELLIPSIS);
    }
    // A truncated or over-reserved text must not keep a large allocation while the row is queued.
    if text.capacity() > 4 * chars_max {
        text.shrink_to_fit();
    }
    if text.contains(NUL) {
        *text = text.replace(NUL, "\u{FFFD}");
    }
}

/// [`repair`]s a name, and keeps it borrowed if it fits. Returns whether the name can have changed.
pub(crate) fn repair_name(name: &mut Cow<'static, str>) -> bool {
    let fits = is_sure_to_fit(name);
    match name {
        Cow::Borrowed(_) if fits => {}
        name => repair(name.to_mut(), ID_CHARS_MAX),
    }
    !fits
}

/// Returns whether a name is sure to fit: one with no more bytes than the limit needs no counting.
pub(crate) fn is_sure_to_fit(name: &str) -> bool {
    name.len() <= ID_CHARS_MAX && has_no_nul(name)
}

/// Returns whether a text has no NUL character.
pub(crate) fn has_no_nul(text: &str) -> bool {
    // Without a way out of the loop it takes many bytes at once.
    let zeros = text
        .bytes()
        .fold(0, |zeros, byte| zeros | u8::from(byte == 0));
    zeros == 0
}

/// [`repair`]s an optional text. An empty one becomes `None`.
pub(crate) fn repair_optional(text: &mut Option<String>, chars_max: usize) {
    if let Some(some) = text {
        repair(some, chars_max);
        if some.is_empty() {
            *text = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(text: &str, chars_max: usize) -> String {
        let mut text = text.to_owned();
        repair(&mut text, chars_max);
        text
    }

    #[test]
    fn a_text_that_fits_is_unchanged() {
        assert_eq!(repaired("four", 4), "four");
        assert_eq!(repaired("füür", 4), "füür");
        assert_eq!(repaired("", 4), "");
    }

    #[test]
    fn a_long_text_is_cut_to_the_limit_with_an_ellipsis() {
        assert_eq!(repaired("fives", 4), "fiv…");
        assert_eq!(repaired("fünfé", 4), "fün…");
        assert_eq!(repaired("日本語日本", 4), "日本語…");
        let cut = repaired(&"x".repeat(1 << 20), DETAILS_CHARS_MAX);
        assert_eq!(cut.chars().count(), DETAILS_CHARS_MAX);
        assert!(cut.capacity() < 4 * DETAILS_CHARS_MAX);
    }

    #[test]
    fn a_nul_becomes_a_replacement_character() {
        assert_eq!(repaired("a\0b\0", 10), "a\u{FFFD}b\u{FFFD}");
    }

    #[test]
    fn room_that_is_not_needed_is_given_back() {
        let mut text = String::with_capacity(1 << 20);
        text.push('x');
        repair(&mut text, ID_CHARS_MAX);
        assert!(text.capacity() < ID_CHARS_MAX);
    }

    #[test]
    fn an_empty_id_becomes_none() {
        let mut id = Some(String::new());
        repair_optional(&mut id, ID_CHARS_MAX);
        assert_eq!(id, None);
    }
}
