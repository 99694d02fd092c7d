//! The compile-time check of `#[tracked(actions = Billing, action = "invoice_sent")]`.
//!
//! The macro sees the name but not the set, and the compiler sees both. So a constant in the
//! expanded code calls [`check_action`], whose panic is the compiler's error message. Everything
//! here is therefore a `const fn`, and text is in a buffer of fixed size. All functions are
//! `track_caller`, which puts the message at the call.

use super::NamedAction;

/// The maximum length of a message, in bytes. A longer list of names is truncated with an ellipsis.
const MESSAGE_BYTES_MAX: usize = 4_096;

/// The maximum length of a name that is repeated in a message or compared for a suggestion, in
/// bytes.
const NAME_BYTES_MAX: usize = 255;

/// Checks that `actions` has an action with this name.
///
/// # Panics
///
/// Panics if there is none. In constant evaluation the panic is a compile error, whose message
/// suggests a similar name and lists the known ones.
#[track_caller]
pub const fn check_action(actions: &[NamedAction], name: &str) {
    let mut index = 0;
    while index < actions.len() {
        if equal(actions[index].name.as_bytes(), name.as_bytes()) {
            return;
        }
        index += 1;
    }
    panic!("{}", message(actions, name).as_str());
}

#[track_caller]
const fn message(actions: &[NamedAction], name: &str) -> Text {
    let mut text = Text::new();
    text.push("unknown action ");
    text.push_name(name);
    if let Some(meant) = nearest(actions, name.as_bytes()) {
        text.push("; did you mean ");
        text.push_name(meant);
        text.push("?");
    }
    text.push("\n\nknown actions: ");
    let mut index = 0;
    while index < actions.len() {
        if index > 0 {
            text.push(", ");
        }
        if !text.has_room_for(actions[index].name) {
            text.push("…");
            break;
        }
        text.push_name(actions[index].name);
        index += 1;
    }
    text
}

/// Returns the known name that is most similar to `name`, if it is similar enough.
#[track_caller]
const fn nearest(actions: &[NamedAction], name: &[u8]) -> Option<&'static str> {
    let mut nearest = None;
    let mut least = usize::MAX;
    let mut index = 0;
    while index < actions.len() {
        let known = actions[index].name;
        // At most a third of the characters may differ. More differences mean another word.
        let tolerated = known.len().div_ceil(3);
        if name.len().abs_diff(known.len()) <= tolerated
            && name.len() <= NAME_BYTES_MAX
            && known.len() <= NAME_BYTES_MAX
        {
            let distance = distance(name, known.as_bytes());
            if distance <= tolerated && distance < least {
                least = distance;
                nearest = Some(known);
            }
        }
        index += 1;
    }
    nearest
}

/// Returns the edit distance of two texts (optimal string alignment): the number of bytes to
/// insert, remove, replace or swap with their neighbour. Each text has at most [`NAME_BYTES_MAX`]
/// bytes.
#[track_caller]
const fn distance(from: &[u8], to: &[u8]) -> usize {
    type Row = [usize; NAME_BYTES_MAX + 1];
    // Row `i` holds the distances from the first `i` bytes of `from` to each prefix of `to`.
    let mut before_previous: Row = [0; NAME_BYTES_MAX + 1];
    let mut previous: Row = [0; NAME_BYTES_MAX + 1];
    let mut j = 0;
    while j <= to.len() {
        previous[j] = j;
        j += 1;
    }
    let mut i = 1;
    while i <= from.len() {
        let mut row: Row = [0; NAME_BYTES_MAX + 1];
        row[0] = i;
        let mut j = 1;
        while j <= to.len() {
            let differs = (from[i - 1] != to[j - 1]) as usize;
            row[j] = least(
                previous[j] + 1,
                least(row[j - 1] + 1, previous[j - 1] + differs),
            );
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                row[j] = least(row[j], before_previous[j - 2] + 1);
            }
            j += 1;
        }
        before_previous = previous;
        previous = row;
        i += 1;
    }
    previous[to.len()]
}

const fn least(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

const fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// A text of bounded size.
struct Text {
    bytes: [u8; MESSAGE_BYTES_MAX],
    length: usize,
}

impl Text {
    /// The maximum number of bytes around a name, and after the last one that fits.
    const MARGIN: usize = "``, …".len();

    const fn new() -> Self {
        Self {
            bytes: [0; MESSAGE_BYTES_MAX],
            length: 0,
        }
    }

    const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            // Only valid UTF-8 is pushed.
            Err(_) => "",
        }
    }

    const fn has_room_for(&self, name: &str) -> bool {
        self.length + least(name.len(), NAME_BYTES_MAX) + 2 * Self::MARGIN <= MESSAGE_BYTES_MAX
    }

    /// Adds the name in backticks, truncated if it is too long.
    const fn push_name(&mut self, name: &str) {
        self.push("`");
        if name.len() <= NAME_BYTES_MAX {
            self.push(name);
        } else {
            let end = name.floor_char_boundary(NAME_BYTES_MAX - "…".len());
            self.push(name.split_at(end).0);
            self.push("…");
        }
        self.push("`");
    }

    const fn push(&mut self, text: &str) {
        let end = self.length + text.len();
        self.bytes
            .split_at_mut(self.length)
            .1
            .split_at_mut(text.len())
            .0
            .copy_from_slice(text.as_bytes());
        self.length = end;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BILLING: &[NamedAction] = &[
        NamedAction::new("invoice_sent", "Invoice sent"),
        NamedAction::new("payment_received", "Payment received"),
    ];

    fn message_for(actions: &[NamedAction], name: &str) -> String {
        message(actions, name).as_str().to_owned()
    }

    #[test]
    fn a_near_miss_is_answered_with_the_name_that_was_meant() {
        assert_eq!(
            message_for(BILLING, "invoice_snt"),
            "unknown action `invoice_snt`; did you mean `invoice_sent`?\n\nknown actions: `invoice_sent`, `payment_received`"
        );
    }

    #[test]
    fn another_word_is_answered_with_the_list_alone() {
        assert_eq!(
            message_for(BILLING, "deployment"),
            "unknown action `deployment`\n\nknown actions: `invoice_sent`, `payment_received`"
        );
    }

    #[test]
    fn a_long_list_is_cut_to_the_longest_message() {
        let many = vec![BILLING[1]; 1_000];
        let message = message_for(&many, "deployment");
        assert!(message.ends_with("`payment_received`, …"), "{message}");
        assert!(message.len() > MESSAGE_BYTES_MAX - 2 * "`payment_received`, ".len());
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let message = message_for(BILLING, &"ü".repeat(1_000));
        assert!(message.contains("üü…`\n\nknown actions"), "{message}");
    }

    proptest! {
        #[test]
        fn the_distance_is_that_of_the_macros(from in "[abc_]{0,12}", to in "[abc_]{0,12}") {
            prop_assert_eq!(
                distance(from.as_bytes(), to.as_bytes()),
                strsim::osa_distance(&from, &to)
            );
        }

        #[test]
        fn any_message_fits(name in ".{0,400}", known in prop::collection::vec(".{0,400}", 0..80)) {
            let known: Vec<NamedAction> = known
                .into_iter()
                .map(|name| NamedAction::new(name.leak(), ""))
                .collect();
            prop_assert!(message_for(&known, &name).starts_with("unknown action `"));
        }
    }
}
