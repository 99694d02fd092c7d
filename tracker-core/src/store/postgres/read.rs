//! Reading a page of a timeline.

use tokio_postgres::{
    Client, Error,
    types::{ToSql, Type},
};

use super::{row, statements::Statements, transaction};
use crate::timeline::{Cursor, Page, Query};

pub(super) async fn page(
    client: &Client,
    statements: &Statements,
    begin: &str,
    query: &Query,
) -> Result<Page, Error> {
    let cursor_id = query.cursor().map_or("", Cursor::action_id);
    // Postgres holds no NUL, so no row can be of such a project or behind such a row.
    if query.project_id().contains('\0') || cursor_id.contains('\0') {
        return Ok(Page::default());
    }

    let project_id = query.project_id();
    // One more than asked for tells whether there is a next page.
    let limit = i64::from(query.page_limit()) + 1;
    let created_at = query.cursor().map(Cursor::created_at);
    let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> =
        vec![(&project_id, Type::TEXT), (&limit, Type::INT8)];
    let statement = match &created_at {
        None => &statements.timeline_first,
        Some(None) => {
            parameters.push((&cursor_id, Type::TEXT));
            &statements.timeline_after_untimed
        }
        Some(Some(created_at)) => {
            parameters.push((created_at, Type::INT8));
            parameters.push((&cursor_id, Type::TEXT));
            &statements.timeline_after
        }
    };
    let rows = client.query_typed(statement, &parameters);
    let rows = transaction::run(client, begin, rows).await?;
    let activities: Result<Vec<_>, _> = rows.iter().map(row::activity).collect();
    Ok(Page::from_rows(query, activities?))
}
