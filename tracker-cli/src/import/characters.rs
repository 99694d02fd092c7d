//! The characters that no store holds, in the JSON text of a line: NUL, and half of a surrogate
//! pair.

use std::borrow::Cow;

/// The escape of U+FFFD, which replaces them.
const REPLACEMENT: &str = r"\ufffd";

/// The length of an escape such as `\u0000`.
const ESCAPE_BYTES: usize = 6;

/// Returns the text with U+FFFD in place of each escape of such a character, as recording replaces
/// them. JSON has these characters by escapes alone.
pub(super) fn repaired(text: &str) -> Cow<'_, str> {
    let mut repaired = String::new();
    let mut copied = 0;
    let mut from = 0;
    while let Some(found) = text[from..].find('\\') {
        let at = from + found;
        let (is_held, bytes) = escape(&text[at..]);
        from = at + bytes;
        if !is_held {
            repaired += &text[copied..at];
            repaired += REPLACEMENT;
            copied = from;
        }
    }
    if copied == 0 {
        return text.into();
    }
    repaired += &text[copied..];
    repaired.into()
}

/// Returns whether a store holds the character of the escape at the beginning of the text, and the
/// escape's length in bytes.
fn escape(text: &str) -> (bool, usize) {
    match unit(text) {
        Some(0 | 0xDC00..=0xDFFF) => (false, ESCAPE_BYTES),
        Some(0xD800..=0xDBFF) => match unit(&text[ESCAPE_BYTES..]) {
            Some(0xDC00..=0xDFFF) => (true, 2 * ESCAPE_BYTES),
            _ => (false, ESCAPE_BYTES),
        },
        Some(_) => (true, ESCAPE_BYTES),
        None => (true, text.chars().take(2).map(char::len_utf8).sum()),
    }
}

/// Returns the UTF-16 code unit of a `\uXXXX` at the beginning of the text.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix(r"\u")?.get(..4)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_number
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_store_holds_becomes_a_replacement_character() {
        for (text, expected) in [
            (r#""a\u0000b""#, r#""a\ufffdb""#),
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\uD83Dx\uDE80""#, r#""\ufffdx\ufffd""#),
            (r#""\ud83d\ud83d\ude80""#, r#""\ufffd\ud83d\ude80""#),
            (r#""\\\u0000\u0000""#, r#""\\\ufffd\ufffd""#),
        ] {
            assert_eq!(repaired(text), expected);
        }
    }

    #[test]
    fn everything_else_is_as_it_was() {
        for text in [
            "",
            r#""\ud83d\ude80 \u00e9 é""#,
            // A backslash, and then no escape.
            r#""\\u0000 \\ud800""#,
            r#""\n\t\"\\""#,
            // No JSON, which is for the parser to say.
            r"\",
            r"\u",
            r"\u00",
            r"\u+000",
            r"\ud8",
            "\\é",
        ] {
            assert_eq!(repaired(text), text);
            assert!(matches!(repaired(text), Cow::Borrowed(_)));
        }
    }
}
