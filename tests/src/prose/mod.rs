//! The form of comments: their width and their first words.

mod comments;
mod help;

use std::fmt;

use self::{
    comments::{Comment, comments},
    help::lines_of_arguments,
};

/// The last column of a comment.
const COLUMNS_MAX: usize = 100;

/// Words that a comment does not open with: it states something.
const OPENINGS: [&str; 6] = ["How", "Of", "What", "Where", "Whether", "Which"];

/// A comment that breaks a rule.
#[derive(Debug, Eq, PartialEq)]
pub struct Fault {
    /// Counted from 1.
    pub line: usize,
    /// The rule that the comment breaks.
    pub rule: Rule,
}

/// A rule that each comment keeps.
#[derive(Debug, Eq, PartialEq)]
pub enum Rule {
    /// A line ends within 100 columns, but for one that can't be split: a row of a table, or a
    /// single word.
    Width {
        /// The column in which the line ends.
        columns: usize,
    },
    /// The first word states something. The help of a command may open with any.
    Opening {
        /// The word that opens the comment.
        word: String,
    },
}

/// Finds the faults in the comments of a file.
///
/// # Panics
///
/// When the text is not Rust.
#[must_use]
pub fn faults(text: &str) -> Vec<Fault> {
    let comments = comments(text);
    let help = lines_of_arguments(text);
    let mut faults = Vec::new();
    for (index, comment) in comments.iter().enumerate() {
        let columns = comment.columns;
        if columns > COLUMNS_MAX && can_be_split(comment) {
            faults.push(Fault {
                line: comment.line,
                rule: Rule::Width { columns },
            });
        }
        let goes_on = index > 0 && comment.continues(&comments[index - 1]);
        let is_help =
            comment.marker == "///" && help.iter().any(|lines| lines.contains(&comment.line));
        let word = first_word(&comment.text);
        if !goes_on && !is_help && OPENINGS.contains(&word) {
            faults.push(Fault {
                line: comment.line,
                rule: Rule::Opening {
                    word: word.to_owned(),
                },
            });
        }
    }
    faults
}

fn can_be_split(comment: &Comment) -> bool {
    let text = comment.text.trim();
    !text.starts_with('|') && text.contains(' ')
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Width { columns } => {
                write!(
                    f,
                    "the comment's line ends in column {columns}, after {COLUMNS_MAX}"
                )
            }
            Self::Opening { word } => write!(f, "the comment opens with “{word}”"),
        }
    }
}
