//! Reading what has arrived, and how far that is.

use siphasher::sip::SipHasher13;
use tokio_postgres::{Error, Row, types::Type};

use super::{Reading, count};
use crate::{
    Activity,
    store::postgres::{
        filter::Parameter, identifier::quote_identifier, row, statements::NumberedStatements,
    },
    timeline::{Arrivals, Arrived, Cursor, Place},
};

impl Reading<'_> {
    /// Returns the reason that arrivals can't be followed on this server, if any. Fails if the
    /// server does not know the queried functions.
    pub(in crate::store::postgres) async fn obstacle_to_following(
        &self,
        schema: &str,
    ) -> Result<Option<String>, Error> {
        self.rows(&self.statements.can_follow, &[]).await?;
        let knows_shards = self
            .rows(include_str!("../sql/knows_shards.sql"), &[])
            .await?;
        if !is_true(&knows_shards)? {
            return Ok(None);
        }
        let table = format!("{}.project_actions", quote_identifier(schema));
        let parameters: [Parameter<'_>; 1] = [(&table, Type::TEXT)];
        let is_sharded = include_str!("../sql/is_sharded.sql");
        let is_sharded = self.rows(is_sharded, &parameters).await?;
        let because = "the table's rows are on several servers, each with numbers of its own";
        Ok(is_true(&is_sharded)?.then(|| because.to_owned()))
    }

    /// Returns how far the table has come. `numbered` are the statements that fit the server.
    pub(in crate::store::postgres) async fn watermarks(
        &self,
        numbered: &NumberedStatements,
    ) -> Result<Arrived, Error> {
        let parameters: [Parameter<'_>; 1] = [(&self.schema, Type::TEXT)];
        let rows = self.rows(&numbered.watermarks, &parameters).await?;
        let numbering = numbering(rows.first(), 2)?;
        Ok(Arrived {
            settled: Place::before(numbering, count(rows.first(), 0)?),
            begun: Place::before(numbering, count(rows.first(), 1)?),
        })
    }

    /// Returns whether the place belongs to the table as it is now.
    pub(in crate::store::postgres) async fn has(
        &self,
        numbered: &NumberedStatements,
        place: &Place,
    ) -> Result<bool, Error> {
        let id = place.cursor().map(Cursor::action_id);
        // Postgres stores no NUL.
        if id.is_some_and(|id| id.contains('\0')) {
            return Ok(false);
        }
        let parameters: [Parameter<'_>; 2] = [(&self.schema, Type::TEXT), (&id, Type::TEXT)];
        let rows = self.rows(&numbered.place, &parameters).await?;
        let Some(row) = rows.first() else {
            return Ok(false);
        };
        if numbering(Some(row), 0)? != place.numbering {
            return Ok(false);
        }
        let next = count(Some(row), 1)?;
        let is_ahead = place.transaction > next || place.row.is_some() && place.transaction == next;
        if is_ahead {
            // A standby has not seen the transaction yet; a primary never assigned it.
            return row.try_get(2);
        }
        let transaction = row.try_get::<_, Option<i64>>(3)?;
        let transaction = transaction.and_then(|number| u64::try_from(number).ok());
        Ok(place.row.is_none() || transaction == Some(place.transaction))
    }

    /// Reads the arrivals; `None` if the query's place does not belong to the table as it is now.
    pub(in crate::store::postgres) async fn arrivals(
        &self,
        numbered: &NumberedStatements,
        query: &Arrivals,
    ) -> Result<Option<Vec<(Place, Activity)>>, Error> {
        let numbering = query.after.numbering;
        if query.until.numbering != numbering || !self.has(numbered, &query.after).await? {
            return Ok(None);
        }
        let (after, behind_time, behind_id) = place_values(&query.after);
        let (until, last_time, last_id) = place_values(&query.until);
        let limit = i64::from(query.limit);
        let projects = query.projects.iter();
        let projects = projects.filter(|project| !project.contains('\0'));
        let projects: Vec<_> = projects.map(String::as_str).collect();
        let parameters: [Parameter<'_>; 9] = [
            (&projects, Type::TEXT_ARRAY),
            (&query.created_after, Type::INT8),
            (&until, Type::INT8),
            (&after, Type::INT8),
            (&behind_time, Type::INT8),
            (&behind_id, Type::TEXT),
            (&limit, Type::INT8),
            (&last_time, Type::INT8),
            (&last_id, Type::TEXT),
        ];
        let times = query.created_after..=i64::MAX;
        let statement = &self.statements.arrivals;
        let rows = self.rows_within(statement, &parameters, &times).await?;
        let arrivals = rows.iter().map(|row| {
            let activity = row::activity(row)?;
            let cursor = Cursor::after(&activity);
            let place = Place::after(numbering, count(Some(row), 10)?, cursor);
            Ok((place, activity))
        });
        arrivals.collect::<Result<_, _>>().map(Some)
    }
}

/// Returns the transaction of a place, and the time and the ID of the row that it is after.
pub(super) fn place_values(place: &Place) -> (i64, Option<i64>, Option<&str>) {
    let transaction = i64::try_from(place.transaction).unwrap_or(i64::MAX);
    let row = place.cursor();
    let (time, id) = (row.and_then(Cursor::created_at), row.map(Cursor::action_id));
    (transaction, time, id)
}

fn is_true(rows: &[Row]) -> Result<bool, Error> {
    Ok(rows.first().map(|row| row.try_get(0)).transpose()? == Some(true))
}

/// Hashes the identity of the server and table that number the transactions, because clients need
/// not see it.
fn numbering(row: Option<&Row>, column: usize) -> Result<u64, Error> {
    let text = row.map(|row| row.try_get::<_, &str>(column)).transpose()?;
    Ok(SipHasher13::new().hash(text.unwrap_or_default().as_bytes()))
}
