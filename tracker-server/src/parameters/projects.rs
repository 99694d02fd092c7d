//! The page of a list of projects.

use tracker_core::timeline::ProjectsQuery;

use super::{
    parameter::{Kind, Parameter, cursor, text},
    values::Values,
};

/// The most projects of one page.
const LIMIT_MAX: u32 = 200;
/// The projects of one page where the request has no `limit`.
const LIMIT_DEFAULT: u32 = 50;

/// The page of a list of projects: which, how many, and from where on.
pub(crate) const PROJECTS: &[Parameter] = &[
    text("search", "With this text in the ID; A to Z equal a to z."),
    Parameter {
        kind: Kind::Number {
            least: 1,
            most: LIMIT_MAX,
            default: LIMIT_DEFAULT,
        },
        ..text("limit", "How many projects at most.")
    },
    cursor(
        "cursor",
        "The `next_cursor` of the page before, unchanged, with all other parameters as they were.",
    ),
];

impl Values {
    /// Returns the query that the values make for projects.
    pub(crate) fn projects_query(&self) -> ProjectsQuery {
        let limit = self.number("limit").unwrap_or(LIMIT_DEFAULT);
        let mut query = ProjectsQuery::default().limit(limit);
        if let Some(search) = self.one("search") {
            query = query.search(search);
        }
        // The cursor is the last project of its page, which the reader knows already.
        if let Some(cursor) = self.one("cursor") {
            query = query.after(cursor);
        }
        query
    }
}
