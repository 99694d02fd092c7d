//! Reading pages of blocks.

use rusqlite::{Connection, Statement, types::Value};

use super::{
    filter::{FilterValues, Named},
    statement::sql,
    timeline::{first, last_id, left, page},
};
use crate::{
    Activity,
    timeline::{BlockPage, BlockQuery, Cursor, Walk},
};

/// Reads a page of blocks, in one transaction, so that all of it is of one moment.
pub(super) fn blocks(connection: &Connection, query: &BlockQuery) -> rusqlite::Result<BlockPage> {
    let moment = connection.unchecked_transaction()?;
    let newest = match Walk::top_query(query) {
        Some(top) => page(&moment, &top)?.activities.pop(),
        None => None,
    };
    let walk = Walk::new(query, newest.as_ref(), page(&moment, &query.rows())?);
    let (Some(values), Some(top)) = (FilterValues::new(query.filter()), walk.top()) else {
        return Ok(BlockPage::default());
    };
    let mut steps = Steps {
        timed: moment.prepare(&values.statement(&sql!("steps_timed.sql")))?,
        untimed: moment.prepare(&values.statement(&sql!("steps_untimed.sql")))?,
        values,
        top,
    };
    let requests = walk.requests().into_iter();
    let of_requests = requests.map(|request| steps.newest_of(request));
    let of_requests = of_requests.collect::<rusqlite::Result<_>>()?;
    drop(steps);
    Ok(walk.into_page(of_requests))
}

/// The statements that read the newest rows of a request, and their values.
struct Steps<'a> {
    timed: Statement<'a>,
    untimed: Statement<'a>,
    values: FilterValues<'a>,
    top: &'a Cursor,
}

impl Steps<'_> {
    /// Reads at most [`Walk::STEPS_MAX`] rows, those without a time last.
    fn newest_of(&mut self, request: &str) -> rusqlite::Result<Vec<Activity>> {
        let top_id = Value::Text(self.top.action_id().to_owned());
        let mut found = Vec::new();
        let mut untimed_id = top_id.clone();
        if let Some(time) = self.top.created_at() {
            untimed_id = last_id();
            let last = self.values.last.min(time);
            let own: [Named<'_>; 5] = [
                (":request", &request),
                (":from", &self.values.from),
                (":last", &last),
                (":time", &time),
                (":id", &top_id),
            ];
            found = first(&mut self.timed, &self.values, &own, Walk::STEPS_MAX)?;
        }
        let room = left(&found, Walk::STEPS_MAX);
        if room > 0 && self.values.has_untimed() {
            let own: [Named<'_>; 2] = [(":request", &request), (":id", &untimed_id)];
            found.extend(first(&mut self.untimed, &self.values, &own, room)?);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::statement::plan, *};

    #[test]
    fn an_index_serves_the_rows_of_a_request_in_their_order() {
        let time = "<expr>";
        for (sql, condition) in [
            (sql!("steps_timed.sql"), format!("{time}>? AND {time}<?")),
            (
                sql!("steps_untimed.sql"),
                format!("{time}=? AND action_id<?"),
            ),
        ] {
            let expected = format!(
                "SEARCH project_actions USING INDEX project_actions_requests \
                 (project_id=? AND request_id=? AND {condition})"
            );
            assert_eq!(plan(&sql), [expected]);
        }
    }
}
