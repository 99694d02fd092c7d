//! Converts an activity to the columns' values, and back.

use std::borrow::Cow;

use tokio_postgres::{
    Error,
    types::{Json, ToSql, Type},
};

use super::foreign_text::AnyText;
use crate::{
    Activity, ReferenceIds, Status,
    row::{References, Row},
    store::Batch,
};

/// The types of the ten columns, in the order of the statements.
pub(super) const TYPES: [Type; 10] = [
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::JSONB,
    Type::INT8,
];

/// One row's values, as the driver takes them.
pub(super) struct Values<'a> {
    action_id: String,
    texts: [Option<&'a str>; 7],
    reference_ids: Json<References<'a>>,
    created_at: Option<i64>,
}

impl<'a> From<Row<'a>> for Values<'a> {
    fn from(row: Row<'a>) -> Self {
        Self {
            action_id: row.action_id.to_string(),
            texts: row.texts(),
            reference_ids: Json(row.reference_ids),
            created_at: row.created_at,
        }
    }
}

impl Values<'_> {
    pub(super) fn parameters(&self) -> [&(dyn ToSql + Sync); 10] {
        let [t1, t2, t3, t4, t5, t6, t7] = &self.texts;
        [
            &self.action_id,
            t1,
            t2,
            t3,
            t4,
            t5,
            t6,
            t7,
            &self.reference_ids,
            &self.created_at,
        ]
    }
}

/// The values of many rows, column by column.
pub(super) struct Columns<'a> {
    action_ids: Vec<String>,
    texts: [Vec<Option<&'a str>>; 7],
    reference_ids: Vec<Json<References<'a>>>,
    created_at: Vec<Option<i64>>,
}

impl<'a> From<&'a Batch> for Columns<'a> {
    fn from(batch: &'a Batch) -> Self {
        let mut columns = Self {
            action_ids: Vec::with_capacity(batch.len()),
            texts: std::array::from_fn(|_| Vec::with_capacity(batch.len())),
            reference_ids: Vec::with_capacity(batch.len()),
            created_at: Vec::with_capacity(batch.len()),
        };
        for row in batch.iter() {
            columns.action_ids.push(row.action_id.to_string());
            for (column, text) in columns.texts.iter_mut().zip(row.texts()) {
                column.push(text);
            }
            columns.reference_ids.push(Json(row.reference_ids));
            columns.created_at.push(row.created_at);
        }
        columns
    }
}

impl Columns<'_> {
    pub(super) fn parameters(&self) -> [(&(dyn ToSql + Sync), Type); 10] {
        let [t1, t2, t3, t4, t5, t6, t7] = &self.texts;
        [
            (&self.action_ids, Type::TEXT_ARRAY),
            (t1, Type::TEXT_ARRAY),
            (t2, Type::TEXT_ARRAY),
            (t3, Type::TEXT_ARRAY),
            (t4, Type::TEXT_ARRAY),
            (t5, Type::TEXT_ARRAY),
            (t6, Type::TEXT_ARRAY),
            (t7, Type::TEXT_ARRAY),
            (&self.reference_ids, Type::JSONB_ARRAY),
            (&self.created_at, Type::INT8_ARRAY),
        ]
    }
}

/// Reads the activity of a timeline statement's row, which any program may have written.
pub(super) fn activity(row: &tokio_postgres::Row) -> Result<Activity, Error> {
    let read = |column: usize| -> Result<Option<Cow<'_, str>>, Error> {
        let text: Option<AnyText<'_>> = row.try_get(column)?;
        Ok(text.map(|text| text.0))
    };
    let text = |column: usize| Ok::<_, Error>(read(column)?.map(Cow::into_owned));
    let reference_ids = read(8)?;
    let reference_ids = reference_ids.as_deref().map(ReferenceIds::from_text);
    Ok(Activity {
        project_id: text(1)?,
        user_id: text(2)?,
        request_id: text(3)?,
        action_type: text(4)?.map(Into::into),
        action_details: text(5)?,
        status: read(6)?.map(|status| Status::from(&*status)),
        environment: text(7)?,
        reference_ids: reference_ids.unwrap_or_default(),
        created_at: row.try_get(9)?,
        ..Activity::empty(row.try_get::<_, AnyText<'_>>(0)?.0.into_owned())
    })
}
