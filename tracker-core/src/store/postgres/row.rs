//! An activity's values as the columns take them, and back.

use tokio_postgres::{
    Error, Row,
    types::{Json, ToSql, Type},
};

use crate::{Activity, ReferenceIds};

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

/// One row's values, borrowed from the activity.
pub(super) struct Values<'a> {
    texts: [Option<&'a str>; 8],
    reference_ids: Json<&'a ReferenceIds>,
    created_at: Option<i64>,
}

impl<'a> From<&'a Activity> for Values<'a> {
    fn from(activity: &'a Activity) -> Self {
        Self {
            texts: activity.texts(),
            reference_ids: Json(&activity.reference_ids),
            created_at: activity.created_at,
        }
    }
}

impl Values<'_> {
    pub(super) fn parameters(&self) -> [&(dyn ToSql + Sync); 10] {
        let [t0, t1, t2, t3, t4, t5, t6, t7] = &self.texts;
        [
            t0,
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
    texts: [Vec<Option<&'a str>>; 8],
    reference_ids: Vec<Json<&'a ReferenceIds>>,
    created_at: Vec<Option<i64>>,
}

impl<'a> From<&'a [Activity]> for Columns<'a> {
    fn from(activities: &'a [Activity]) -> Self {
        let mut columns = Self {
            texts: std::array::from_fn(|_| Vec::with_capacity(activities.len())),
            reference_ids: Vec::with_capacity(activities.len()),
            created_at: Vec::with_capacity(activities.len()),
        };
        for activity in activities {
            for (column, text) in columns.texts.iter_mut().zip(activity.texts()) {
                column.push(text);
            }
            columns.reference_ids.push(Json(&activity.reference_ids));
            columns.created_at.push(activity.created_at);
        }
        columns
    }
}

impl Columns<'_> {
    pub(super) fn parameters(&self) -> [(&(dyn ToSql + Sync), Type); 10] {
        let [t0, t1, t2, t3, t4, t5, t6, t7] = &self.texts;
        [
            (t0, Type::TEXT_ARRAY),
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

/// The activity that a row of a timeline statement tells of, whoever wrote the row.
pub(super) fn activity(row: &Row) -> Result<Activity, Error> {
    let reference_ids: Option<&str> = row.try_get(8)?;
    Ok(Activity {
        project_id: row.try_get(1)?,
        user_id: row.try_get(2)?,
        request_id: row.try_get(3)?,
        action_type: row.try_get::<_, Option<String>>(4)?.map(Into::into),
        action_details: row.try_get(5)?,
        status: row.try_get::<_, Option<&str>>(6)?.map(Into::into),
        environment: row.try_get(7)?,
        reference_ids: reference_ids.map_or_else(ReferenceIds::new, ReferenceIds::from_text),
        created_at: row.try_get(9)?,
        ..Activity::empty(row.try_get(0)?)
    })
}
