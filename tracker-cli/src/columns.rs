//! Texts in columns, one line for each row: [`in_columns`].

use std::borrow::Cow;

use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, Width, presets};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// The space between two columns.
pub(crate) const GAP: usize = 2;

/// The sign for a text that was cut.
const ELLIPSIS: char = '…';

/// Returns a line for each row, with columns as wide as their widest text. No line ends in blanks.
pub(crate) fn in_columns<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> String {
    padded(rows, [Some(0); N])
}

/// Returns a line for each row, with columns of at least these widths. A column without a width is
/// left out.
pub(crate) fn padded<const N: usize>(
    rows: impl IntoIterator<Item = [String; N]>,
    widths: [Option<usize>; N],
) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    for cells in rows {
        table.add_row(Row::from(cells.map(|text| shown(&text))));
    }
    let gap = u16::try_from(GAP).unwrap_or(0);
    for (column, width) in table.column_iter_mut().zip(widths) {
        column.set_padding((0, gap));
        column.set_constraint(match width {
            None => ColumnConstraint::Hidden,
            Some(width) => {
                let width = u16::try_from(width + GAP).unwrap_or(u16::MAX);
                ColumnConstraint::LowerBoundary(Width::Fixed(width))
            }
        });
    }
    let lines = table.lines().map(|line| format!("{}\n", line.trim_end()));
    lines.collect()
}

/// Returns the number of a terminal's columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Returns a text that takes at most so many columns, with an ellipsis in place of its end. What is
/// shown as one character is not cut apart.
pub(crate) fn cut(text: &str, width_max: usize) -> Cow<'_, str> {
    if width(text) <= width_max {
        return text.into();
    }
    let mut shown = String::new();
    for letter in text.graphemes(true) {
        if width(&shown) + width(letter) >= width_max {
            break;
        }
        shown += letter;
    }
    shown.push(ELLIPSIS);
    shown.into()
}

/// Returns a text without characters that move the cursor, colour the terminal or change the
/// direction of the text after them.
pub(crate) fn shown(text: &str) -> String {
    let replace = |letter: char| match letter {
        letter if letter.is_whitespace() => ' ',
        letter if letter.is_control() => '\u{FFFD}',
        '\u{061C}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
        letter => letter,
    };
    text.chars().map(replace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_as_wide_as_its_widest_text_in_a_terminal() {
        let rows = [["日本", "a"], ["x", "é"], ["e\u{301}", "👩‍👩‍👧"]];
        let text = in_columns(rows.map(|row| row.map(str::to_owned)));
        assert_eq!(text, "日本  a\nx     é\ne\u{301}     👩‍👩‍👧\n");
    }

    #[test]
    fn a_text_is_cut_between_what_is_shown_as_one_character() {
        for (text, width_max, expected) in [
            ("deployed", 8, "deployed"),
            ("deployed", 4, "dep…"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("cafe\u{301}s", 5, "cafe\u{301}s"),
            ("cafe\u{301}s!", 5, "cafe\u{301}…"),
            ("👩‍👩‍👧👩‍👩‍👧", 3, "👩‍👩‍👧…"),
            ("ab", 1, "…"),
        ] {
            assert_eq!(cut(text, width_max), expected);
            assert!(width(&cut(text, width_max)) <= width_max, "{text}");
        }
    }

    #[test]
    fn no_text_can_command_the_terminal() {
        assert_eq!(
            shown("a\u{1b}[31mb\nc\u{202e}d\te"),
            "a\u{FFFD}[31mb c\u{FFFD}d e"
        );
    }
}
