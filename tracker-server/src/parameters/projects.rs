//! The page of a list of projects.

use tracker_core::timeline::ProjectsQuery;

use super::{
    pages::{CURSOR, limit},
    parameter::{Parameter, text},
    values::Values,
};

/// The page of a list of projects: which, how many, and from where on.
pub(crate) const PROJECTS: &[Parameter] = &[
    text("search", "With this text in the ID; A to Z equal a to z."),
    limit("How many projects at most."),
    CURSOR,
];

impl Values {
    /// Returns the query that the values make for projects.
    pub(crate) fn projects_query(&self) -> ProjectsQuery {
        let mut query = ProjectsQuery::default().limit(self.limit());
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
