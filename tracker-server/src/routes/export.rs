//! All of a project's activities that filters let through, as a download.

use std::io;

use axum::{
    body::{Body, Bytes},
    extract::{RawQuery, State},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::stream::{Stream, unfold};
use tracker_core::{
    Activity,
    timeline::{LIMIT_MAX, Order, Query},
};

use crate::{
    activity::ActivityBody,
    csv::{CsvWriter, Formulas},
    parameters::parameters,
    permission::Project,
    problem::Problem,
    state::App,
};

parameters!(FILTERS, EXPORT);

/// Download a project's activities
///
/// All of them that the filters let through, the oldest first, as JSON lines or CSV. A download
/// that breaks off in the middle is not complete: the connection is closed without the end of the
/// body. The last column of CSV is the time as RFC 3339. A text of CSV that a spreadsheet would
/// take for a formula begins with an apostrophe, unless `formulas` is `raw`.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    get,
    path = "/api/projects/{project_id}/activities/export",
    operation_id = "exportActivities",
    tag = "activities",
    params(("project_id" = String, Path, description = "The project."), Parameters),
    responses(
        (status = 200, description = "The activities.", content(
            (String = "application/jsonl"),
            (String = "text/csv"),
        )),
        crate::problem::WrongParameter,
        crate::problem::ReadProblem,
    ),
)
)]
pub(crate) async fn export(
    State(app): State<App>,
    Project(reach): Project,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let values = Parameters::read(query.as_deref())?;
    let formulas = match values.one("formulas") {
        Some("raw") => Formulas::Raw,
        _ => Formulas::Guarded,
    };
    let format = match values.one("format") {
        Some("csv") => Format::Csv(formulas),
        _ => Format::Jsonl,
    };
    let query = Query::from(values.filter(&reach)?)
        .order(Order::Oldest)
        .limit(LIMIT_MAX);
    // The first page is read before the response begins, so that an error of the store is a 503.
    let first = app.store.timeline(query.clone()).await?;
    let parts = Parts {
        app,
        format,
        next: Some(query),
        read: Some(first),
        is_first: true,
    };
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, format.content_type()),
        (header::CONTENT_DISPOSITION, format.disposition()),
    ];
    Ok((headers, Body::from_stream(parts.stream())).into_response())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Jsonl,
    Csv(Formulas),
}

impl Format {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Jsonl => "application/jsonl",
            Self::Csv(_) => "text/csv; charset=utf-8; header=present",
        })
    }

    fn disposition(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Jsonl => "attachment; filename=\"activities.jsonl\"",
            Self::Csv(_) => "attachment; filename=\"activities.csv\"",
        })
    }
}

/// The parts of a download, one for each page.
struct Parts {
    app: App,
    format: Format,
    next: Option<Query>,
    read: Option<tracker_core::timeline::Page>,
    is_first: bool,
}

impl Parts {
    fn stream(self) -> impl Stream<Item = io::Result<Bytes>> {
        unfold(self, async |mut parts| {
            let part = parts.part().await.transpose()?;
            Some((part, parts))
        })
    }

    async fn part(&mut self) -> io::Result<Option<Bytes>> {
        let Some(query) = self.next.take() else {
            return Ok(None);
        };
        let page = match self.read.take() {
            Some(page) => page,
            None => self
                .app
                .store
                .timeline(query.clone())
                .await
                .map_err(|error| {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "an export breaks off"
                    );
                    io::Error::other(error)
                })?,
        };
        self.next = page.next.map(|cursor| query.after(cursor));
        let part = match self.format {
            Format::Jsonl => self.jsonl(page.activities)?,
            Format::Csv(formulas) => {
                let is_first = std::mem::take(&mut self.is_first);
                csv(&page.activities, formulas, is_first)?
            }
        };
        Ok(Some(part.into()))
    }

    fn jsonl(&self, activities: Vec<Activity>) -> io::Result<Vec<u8>> {
        let mut lines = Vec::new();
        for activity in activities {
            serde_json::to_writer(&mut lines, &ActivityBody::new(activity, &self.app.labels))?;
            lines.push(b'\n');
        }
        Ok(lines)
    }
}

fn csv(activities: &[Activity], formulas: Formulas, has_header: bool) -> io::Result<Vec<u8>> {
    let mut csv = CsvWriter::new(Vec::new(), formulas);
    if has_header {
        csv.header()?;
    }
    for activity in activities {
        csv.activity(activity)?;
    }
    csv.finish()
}
