//! The values that filters can have, for suggestions.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use serde::Serialize;
use tracker_core::{
    Activity,
    timeline::{Filter, LIMIT_MAX, Query},
};
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

use crate::{
    etag::{tagged, to_json},
    parameters::{VALUE_BYTES_MAX, parameters},
    permission::Project,
    problem::Problem,
    state::App,
};

/// The most values of a field, and the most names of references.
const VALUES_MAX: usize = 50;

/// The values that occur, the most frequent first, 50 of each field at most.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Values))]
pub(crate) struct ValuesBody {
    user_ids: Vec<ValueCount>,
    request_ids: Vec<ValueCount>,
    action_types: Vec<ValueCount>,
    statuses: Vec<ValueCount>,
    environments: Vec<ValueCount>,
    /// The IDs of related records, by the names of the references.
    references: BTreeMap<String, Vec<ValueCount>>,
}

/// A value, and how often it occurs.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct ValueCount {
    value: String,
    count: u64,
}

parameters!(FILTERS);

/// List the values that filters can have
///
/// Those of the newest 1,000 activities that the filters let through, the most frequent first. An
/// answer may be 10 s old.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    get,
    path = "/api/projects/{project_id}/activities/values",
    operation_id = "listActivityValues",
    tag = "activities",
    params(("project_id" = String, Path, description = "The project."), Parameters),
    responses(
        (status = 200, description = "The values.", body = ValuesBody),
        (status = 304, description = "They are as `If-None-Match` names them."),
        crate::problem::WrongParameter,
        crate::problem::ReadProblem,
    ),
)
)]
pub(crate) async fn values(
    State(app): State<App>,
    Project(reach): Project,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let filter = Parameters::read(query.as_deref())?.filter(&reach)?;
    let query_bytes = query.as_ref().map_or(0, String::len);
    let body = match app.values.get(&filter) {
        Some(body) => body,
        None => read(&app, filter, query_bytes).await?,
    };
    Ok(tagged(&headers, "application/json", body))
}

/// Reads the values, and keeps them.
async fn read(app: &App, filter: Filter, query_bytes: usize) -> Result<Bytes, Problem> {
    let newest = Query::from(filter.clone()).limit(LIMIT_MAX);
    let page = app.store.timeline(newest).await?;
    let body = Bytes::from(to_json(&counted(&page.activities)));
    app.values.insert(filter, body.clone(), query_bytes);
    Ok(body)
}

fn counted(activities: &[Activity]) -> ValuesBody {
    let of = |value: fn(&Activity) -> Option<&str>| {
        let mut counts = Counts::default();
        activities
            .iter()
            .filter_map(value)
            .for_each(|value| counts.add(value));
        counts.most_frequent()
    };
    ValuesBody {
        user_ids: of(|activity| activity.user_id.as_deref()),
        request_ids: of(|activity| activity.request_id.as_deref()),
        action_types: of(|activity| activity.action_type.as_deref()),
        statuses: of(|activity| Some(activity.status.as_ref()?.as_str())),
        environments: of(|activity| activity.environment.as_deref()),
        references: references(activities),
    }
}

/// Counts the IDs of related records, by the names of the most frequent references.
fn references(activities: &[Activity]) -> BTreeMap<String, Vec<ValueCount>> {
    let mut names = Counts::default();
    let mut ids: HashMap<&str, Counts> = HashMap::new();
    for activity in activities {
        for (name, id) in activity.reference_ids.iter() {
            let Some(id) = id.as_str() else { continue };
            // A filter takes both in one value, and the name ends at the first colon.
            if name.contains(':') || name.len() + id.len() >= VALUE_BYTES_MAX {
                continue;
            }
            names.add(name);
            ids.entry(name).or_default().add(id);
        }
    }
    let names = names.most_frequent().into_iter();
    names
        .filter_map(|ValueCount { value: name, .. }| {
            let ids = ids.remove(&*name)?;
            Some((name, ids.most_frequent()))
        })
        .collect()
}

/// The number of times that each value occurs.
#[derive(Default)]
struct Counts<'a>(HashMap<&'a str, u64>);

impl<'a> Counts<'a> {
    fn add(&mut self, value: &'a str) {
        // A filter by no text is no filter.
        if !value.is_empty() && value.len() <= VALUE_BYTES_MAX {
            *self.0.entry(value).or_default() += 1;
        }
    }

    /// Returns the most frequent values, and in their order those that are as frequent.
    fn most_frequent(self) -> Vec<ValueCount> {
        let mut counts: Vec<_> = self.0.into_iter().collect();
        counts.sort_unstable_by_key(|&(value, count)| (Reverse(count), value));
        counts.truncate(VALUES_MAX);
        let counts = counts.into_iter();
        counts
            .map(|(value, count)| ValueCount {
                value: value.to_owned(),
                count,
            })
            .collect()
    }
}
