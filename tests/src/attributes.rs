//! Removing `#[tracked]` from code.

/// Returns the code without `#[tracked(…)]`, and the number of these attributes. With
/// `keep_columns` spaces take their place.
///
/// # Panics
///
/// If an attribute does not end.
#[must_use]
pub fn without_attributes(code: &str, keep_columns: bool) -> (String, usize) {
    const BEGINNING: &str = "#[tracked(";
    let mut rest = code;
    let mut kept = String::new();
    let mut count = 0;
    while let Some((before, attribute)) = rest.split_once(BEGINNING) {
        kept.push_str(before);
        let end = end_of_attribute(attribute);
        if keep_columns {
            kept.push_str(&" ".repeat(BEGINNING.len() + end));
        }
        rest = &attribute[end..];
        count += 1;
    }
    (kept + rest, count)
}

/// Returns the end of an attribute whose first two brackets have been read.
fn end_of_attribute(code: &str) -> usize {
    let mut depth = 2;
    let mut in_string = false;
    for (position, character) in code.char_indices() {
        match character {
            '"' => in_string = !in_string,
            '(' | '[' if !in_string => depth += 1,
            ')' | ']' if !in_string => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return position + 1;
        }
    }
    panic!("an attribute does not end");
}
