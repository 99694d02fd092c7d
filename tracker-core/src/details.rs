//! Details as a template and its values, so that nobody copies the constant part before the writer
//! does.
//!
//! In a template each value has the place of a NUL character, which no other part of it has.

/// The most values of a template. Details of more are written as a [whole](WHOLE) by the attribute,
/// which has the same number.
pub(crate) const VALUES: usize = 4;

/// The template of details that are one text.
pub(crate) const WHOLE: &str = "\0";

const VALUE: char = '\0';

/// The pieces of a template before, between and behind its values.
pub(crate) fn pieces(template: &str) -> Vec<&str> {
    template.split(VALUE).collect()
}

/// Returns whether these are the pieces of details that are one text.
pub(crate) fn are_whole(pieces: &[&str]) -> bool {
    pieces == ["", ""]
}

/// Passes the pieces and the values to `write`, in the order of the line.
#[inline]
pub(crate) fn write<'a>(
    pieces: &[&'a str],
    values: impl Iterator<Item = &'a str>,
    mut write: impl FnMut(&'a str),
) {
    let mut pieces = pieces.iter();
    for value in values {
        write(pieces.next().copied().unwrap_or_default());
        write(value);
    }
    write(pieces.next().copied().unwrap_or_default());
}

/// Passes the pieces and the values up to the last one of these to `write`.
pub(crate) fn write_begin<'a>(
    pieces: &[&'a str],
    values: impl Iterator<Item = &'a str>,
    mut write: impl FnMut(&'a str),
) {
    for (piece, value) in pieces.iter().zip(values) {
        write(piece);
        write(value);
    }
}
