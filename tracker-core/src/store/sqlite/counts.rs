//! Counting over time.

use rusqlite::{Connection, Row};

use super::{
    arrivals::{has, signed},
    filter::{FilterValues, Named},
    statement::{number, sql},
};
use crate::{
    sqlite_rows as rows,
    timeline::{Bucket, Counting, Counts, Place, Tally},
};

/// Counts rows; `None` if the place does not belong to this file.
pub(super) fn counts(
    connection: &Connection,
    numbering: u64,
    counting: &Counting,
) -> rusqlite::Result<Option<Vec<Counts>>> {
    // One transaction, so that the check of the place and the counts see the same state of the
    // file.
    let transaction = connection.unchecked_transaction()?;
    if let Some(place) = &counting.place
        && (place.numbering != numbering || !has(&transaction, place)?)
    {
        return Ok(None);
    }
    let Some(values) = FilterValues::new(&counting.filter) else {
        return Ok(Some(Vec::new()));
    };
    let spans = counting.utc_offsets.spans(values.from, values.last);
    // Numbers alone can't fail to become JSON.
    let spans = serde_json::to_string(&spans).unwrap_or_default();
    let by_hour = counting.bucket == Bucket::Hour;
    let has_untimed = values.has_untimed();
    let end = counting.place.as_ref().map(Place::next_number).map(signed);
    let mut named = values.named();
    let own: [Named<'_>; 5] = [
        (":spans", &spans),
        (":by_hour", &by_hour),
        (":has_untimed", &has_untimed),
        (":end", &end),
        (":limit", &Counts::MAX),
    ];
    named.extend(own);
    let mut select = transaction.prepare(&values.statement(&sql!("counts.sql")))?;
    let counts = select.query_map(&*named, |row| {
        Ok(Counts {
            bucket: row.get(0)?,
            action_type: rows::text(row.get_ref(1)?),
            all: tally(row, 2)?,
            before: tally(row, 4)?,
        })
    })?;
    counts.collect::<Result<_, _>>().map(Some)
}

fn tally(row: &Row<'_>, column: usize) -> rusqlite::Result<Tally> {
    Ok(Tally {
        count: number(row, column)?,
        failures: number(row, column + 1)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::statement::plan;

    #[test]
    fn indexes_serve_the_times_between_two_changes_of_clocks_and_the_rows_with_no_time() {
        assert_eq!(
            plan(&sql!("counts.sql")),
            [
                "SEARCH project_actions USING INDEX project_actions_timeline \
                 (project_id=? AND created_at>? AND created_at<?)",
                "SEARCH project_actions USING INDEX project_actions_untimed (project_id=?)",
            ]
        );
    }
}
