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
    activity::ActivityBody, parameters::parameters, permission::Project, problem::Problem,
    state::App,
};

parameters!(FILTERS, EXPORT);

/// Download a project's activities
///
/// All of them that the filters let through, the oldest first, as JSON lines or CSV. A download that breaks off in the middle is
/// not complete: the connection is closed without the end of the body. In CSV a text that a spreadsheet would take for a formula begins with an apostrophe.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    get,
    path = "/api/projects/{project_id}/activities/export",
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
    Project(project_id): Project,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let values = Parameters::read(query.as_deref())?;
    let format = match values.one("format") {
        Some("csv") => Format::Csv,
        _ => Format::Jsonl,
    };
    let query = Query::from(values.filter(&project_id)?)
        .order(Order::Oldest)
        .limit(LIMIT_MAX);
    // Read before anything is said, so that a store that is away is a 503.
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
    Csv,
}

impl Format {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Jsonl => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        })
    }

    fn disposition(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Jsonl => "attachment; filename=\"activities.jsonl\"",
            Self::Csv => "attachment; filename=\"activities.csv\"",
        })
    }
}

/// The parts of a download, one for each page that is read.
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
            Format::Csv => csv(page.activities, std::mem::take(&mut self.is_first))?,
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

fn csv(activities: Vec<Activity>, has_header: bool) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if has_header {
        writer.write_record(Activity::COLUMNS)?;
    }
    for row in activities {
        let status = row.status.as_ref().map(ToString::to_string);
        let references = serde_json::to_string(&row.reference_ids)?;
        let created_at = row.created_at.map(|ms| ms.to_string());
        let texts = [
            Some(&*row.action_id),
            row.project_id.as_deref(),
            row.user_id.as_deref(),
            row.request_id.as_deref(),
            row.action_type.as_deref(),
            row.action_details.as_deref(),
            status.as_deref(),
            row.environment.as_deref(),
            Some(&*references),
        ];
        for text in texts {
            writer.write_field(harmless(text.unwrap_or_default()))?;
        }
        writer.write_field(created_at.unwrap_or_default())?;
        writer.write_record(None::<&[u8]>)?;
    }
    writer
        .into_inner()
        .map_err(|error| io::Error::other(error.to_string()))
}

/// The text, or one that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("{}{text}", if is_formula { "'" } else { "" })
}
