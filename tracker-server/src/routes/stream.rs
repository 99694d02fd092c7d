//! New activities as server-sent events.

use std::{convert::Infallible, future::pending, pin::pin, sync::Arc, time::Duration};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{self, KeepAlive},
    },
};
use futures_util::{
    future::select,
    stream::{Stream, StreamExt, iter, unfold},
};
use tokio::sync::{OwnedSemaphorePermit, broadcast::error::RecvError};
use tracker_core::timeline::{Filter, LIMIT_MAX, Place};

use crate::{
    event_id::EventId,
    hub::{Event, Following, Message},
    parameters::{Values, parameters},
    permission::Permission,
    problem::Problem,
    state::App,
};

const HEARTBEAT: Duration = Duration::from_secs(15);

/// The time that clients are advised to wait before they reconnect.
const RETRY: Duration = Duration::from_secs(2);

/// The stream is not to be cached, compressed or buffered. Without the last header, nginx holds
/// back the head and the first 4,096 bytes.
const HEADERS: [(HeaderName, HeaderValue); 2] = [
    (
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store, no-transform"),
    ),
    (
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    ),
];

const UNKNOWN_PLACE: &str = "names a place from which nothing can be followed any more: the activities are in another store now, or a backup of \
     them was restored; begin anew without an ID, then read the list";

parameters!(FILTERS, STREAM);

/// Follow a project's activities as they arrive
///
/// Server-sent events: `ready` at the beginning, then an `activity` for each, with the data that
/// the list has. An event's ID in the header `Last-Event-ID` continues another stream after it,
/// without a gap or a repeat. An ID that the store no longer knows, for instance because a backup
/// was restored or a failover lost rows, is a 400, and an open stream ends when that happens:
/// begin anew without an ID, then read the list. A row that other programs write is sent within a
/// second if it was recorded no more than 15 s before; in an open stream, 24 hours before. Rows
/// without a time are not sent.
///
/// The stream ends when the token expires, or is no longer valid here.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    get,
    path = "/api/projects/{project_id}/activities/stream",
    operation_id = "streamActivities",
    tag = "activities",
    params(
        ("project_id" = String, Path, description = "The project."),
        ("Last-Event-ID" = Option<String>, Header, nullable = false, description = "The ID of the last event that was seen."),
        Parameters,
    ),
    responses(
        (status = 200, description = "Events, as long as the token is valid.", body = String, content_type = "text/event-stream"),
        (status = 501, description = "The store can't tell what arrives.", body = Problem, content_type = "application/problem+json"),
        crate::problem::WrongParameter,
        crate::problem::ReadProblem,
    ),
)
)]
pub(crate) async fn stream(
    State(app): State<App>,
    permission: Permission,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let values = Parameters::read(query.as_deref())?;
    let reach = permission.reach();
    let project_id = reach.project_id().to_owned();
    let filter = values.filter(reach)?;
    let last = last_event(&headers, &values)?;
    let permit = Arc::clone(&app.streams).try_acquire_owned();
    let permit = permit.map_err(|_| {
        Problem::unavailable("there are as many streams as there can be; try again in a while")
    })?;
    if let Some(last) = &last
        && !app.hub.knows(&last.place).await?
    {
        return Err(Problem::parameter("Last-Event-ID", UNKNOWN_PLACE));
    }
    let following = app.hub.follow(&project_id).await?;
    let over = permission.over(app.decide_again_every);
    let mut ending = app.ending.clone();
    let follower = Follower {
        last: last.unwrap_or_else(|| EventId::begin(&following.from)),
        app,
        project_id,
        filter,
        step: Some(Step::Begin(following)),
        _permit: permit,
    };
    let ended = async move {
        let ending = pin!(async {
            // Without its sender, the server never ends.
            if ending.wait_for(|ending| *ending).await.is_err() {
                pending::<()>().await;
            }
        });
        select(ending, pin!(over)).await;
    };
    let events = follower.events().take_until(ended);
    let heartbeat = KeepAlive::new().interval(HEARTBEAT);
    let mut response = Sse::new(events).keep_alive(heartbeat).into_response();
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

/// Returns the event after which the stream resumes: that of the header, or else of the parameter.
/// An empty parameter counts as none.
fn last_event(headers: &HeaderMap, values: &Values) -> Result<Option<EventId>, Problem> {
    let header = headers.get("last-event-id");
    let (name, text) = match (header, values.one("lastEventId")) {
        (Some(value), _) => ("Last-Event-ID", value.to_str().unwrap_or_default()),
        (None, Some(text)) if !text.is_empty() => ("lastEventId", text),
        (None, _) => return Ok(None),
    };
    let event = text.parse::<EventId>();
    event
        .map(Some)
        .map_err(|error| Problem::parameter(name, &format!("is {error}")))
}

/// One stream.
struct Follower {
    app: App,
    project_id: String,
    filter: Filter,
    /// The event after which the stream goes on.
    last: EventId,
    /// `None` at the end of the stream.
    step: Option<Step>,
    _permit: OwnedSemaphorePermit,
}

enum Step {
    /// The stream has sent nothing yet.
    Begin(Following),
    /// The stream waits until the hub follows the project.
    Join(Following),
    /// The stream reads by itself the rows up to a place, without those recorded before a time.
    CatchUp {
        following: Following,
        until: Place,
        created_after: i64,
    },
    /// The stream receives messages of the hub.
    Follow(Following),
}

impl Follower {
    fn events(self) -> impl Stream<Item = Result<sse::Event, Infallible>> {
        let parts = unfold(self, async |mut follower| {
            let events = follower.next().await?;
            Some((events, follower))
        });
        parts.flat_map(|events| iter(events.into_iter().map(Ok)))
    }

    /// Returns the next events, possibly none, or `None` at the end. An error of the store ends the
    /// stream, and the client resumes with another one.
    async fn next(&mut self) -> Option<Vec<sse::Event>> {
        let (next, events) = match self.step.take()? {
            Step::Begin(following) => (Step::Join(following), vec![self.ready()]),
            Step::Join(following) => (self.join(following).await?, Vec::new()),
            Step::CatchUp {
                following, until, ..
            } if self.last.place == until => (Step::Follow(following), Vec::new()),
            Step::CatchUp {
                following,
                until,
                created_after,
            } => {
                let events = self.missed(until.clone(), created_after).await?;
                let next = if events.len() < LIMIT_MAX as usize {
                    Step::Follow(following)
                } else {
                    Step::CatchUp {
                        following,
                        until,
                        created_after,
                    }
                };
                (next, self.filtered(&events))
            }
            Step::Follow(mut following) => match following.messages.recv().await {
                Ok(Message::Arrived(event)) => (Step::Follow(following), self.filtered([&*event])),
                Ok(Message::FollowedFrom { .. }) => (Step::Follow(following), Vec::new()),
                Err(RecvError::Lagged(_)) => (Step::Join(self.follow().await?), Vec::new()),
                Err(RecvError::Closed) => return None,
            },
        };
        self.step = Some(next);
        Some(events)
    }

    async fn follow(&self) -> Option<Following> {
        self.app.hub.follow(&self.project_id).await.ok()
    }

    /// Waits until the hub follows the project, and returns how far the stream has to catch up.
    async fn join(&self, mut following: Following) -> Option<Step> {
        let own = self.last.created_after();
        while !following.is_followed {
            match following.messages.recv().await {
                // The rows that are announced while the stream begins may be of any age.
                Ok(Message::FollowedFrom {
                    place: until,
                    created_after,
                }) => {
                    return Some(Step::CatchUp {
                        following,
                        until,
                        created_after: own.min(created_after),
                    });
                }
                // The stream reads this row by itself.
                Ok(Message::Arrived(_)) => {}
                Err(RecvError::Lagged(_)) => following = self.follow().await?,
                Err(RecvError::Closed) => return None,
            }
        }
        let until = following.from.clone();
        Some(Step::CatchUp {
            following,
            until,
            created_after: own,
        })
    }

    async fn missed(&self, until: Place, created_after: i64) -> Option<Vec<Event>> {
        let after = self.last.place.clone();
        let hub = &self.app.hub;
        let missed = hub.between(&self.project_id, after, until, created_after);
        missed.await.ok()
    }

    fn ready(&self) -> sse::Event {
        let ready = sse::Event::default().event("ready").retry(RETRY);
        ready.id(self.last.to_string()).data("{}")
    }

    /// Advances the stream, and returns the events that its filter lets through.
    fn filtered<'a>(&mut self, events: impl IntoIterator<Item = &'a Event>) -> Vec<sse::Event> {
        let mut sent = Vec::new();
        for event in events {
            self.last = EventId::of(event);
            if self.filter.matches(&event.activity) {
                let activity = sse::Event::default().event("activity");
                sent.push(activity.id(self.last.to_string()).data(&event.json));
            }
        }
        sent
    }
}
