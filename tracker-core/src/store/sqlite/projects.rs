//! Reading the projects: their IDs, and the summaries of some.

use rusqlite::{Connection, named_params, params};

use super::{
    statement::{number, sql},
    timeline::at_most,
};
use crate::timeline::ProjectSummary;

/// Returns the IDs after an ID. An ID that is not UTF-8, which no query could name, is left out.
pub(super) fn ids(
    connection: &Connection,
    after: Option<&str>,
    limit: u32,
) -> rusqlite::Result<Vec<String>> {
    let mut select = connection.prepare(&sql!("project_ids.sql"))?;
    at_most(limit, |limit| {
        let ids = select.query_map(params![after, limit], |row| {
            let id = row.get_ref(0)?.as_bytes()?;
            Ok(std::str::from_utf8(id).ok().map(str::to_owned))
        })?;
        ids.collect()
    })
}

pub(super) fn summaries(
    connection: &Connection,
    project_ids: &[String],
    created_after: i64,
) -> rusqlite::Result<Vec<ProjectSummary>> {
    let mut select = connection.prepare(&sql!("project_summary.sql"))?;
    let summaries = project_ids.iter().map(|id| {
        let parameters = named_params! {
            ":project_id": id,
            ":created_after": created_after,
            ":limit": ProjectSummary::COUNTED_MAX,
        };
        select.query_row(parameters, |row| {
            let exists: bool = row.get(0)?;
            let (last_activity_at, activities) = (row.get(1)?, number(row, 2)?);
            let failures = number(row, 3)?;
            Ok(exists
                .then(|| ProjectSummary::new(id.clone(), last_activity_at, activities, failures)))
        })
    });
    let found = summaries.filter_map(Result::transpose);
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::statement::plan;

    #[test]
    fn each_project_is_one_step_in_the_index() {
        for sql in [sql!("project_ids.sql"), sql!("project_summary.sql")] {
            let details = plan(&sql);
            assert!(!details.iter().any(|it| it.contains("ORDER BY")));
            let mut reads = details.iter().filter(|it| it.contains("project_actions"));
            assert!(reads.clone().count() >= 2, "{details:?}");
            assert!(
                reads.all(|it| it.starts_with("SEARCH") && it.contains("INDEX project_actions_")),
                "{details:?}"
            );
        }
    }
}
