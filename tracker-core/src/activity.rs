//! One row of `project_actions`: [`Activity`].

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[cfg(feature = "opentelemetry")]
use crate::ambient::{TRACE_ID, current_trace_id};
use crate::{
    ActionSet, Context, ReferenceIds, Status,
    clock::now_ms,
    limits::{self, DETAILS_CHARS_MAX, ID_CHARS_MAX},
};

/// An action, its user and request, and the resulting records: one row of the table.
///
/// `#[tracked]` creates one for each successful call. By hand it is built like this:
///
/// ```
/// use tracker_core::{ActionType, Activity};
///
/// let activity = Activity::new(ActionType::Deployment)
///     .project_id("project_7")
///     .user_id(42)
///     .request_id("req_9f2")
///     .details("deployed to https://example.org")
///     .reference("deployment_id", "deploy_xyz789");
///
/// assert_eq!(activity.user_id.as_deref(), Some("42"));
/// assert_eq!(activity.action_type.as_deref(), Some("deployment"));
/// ```
///
/// The fields are the columns of the table, one to one, and serialize under their names. Every
/// column but `action_id` may be absent, because other programs write to the table too. Recording
/// repairs values that do not fit into a row, as described in [limits].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Activity {
    /// The ID of the activity: a UUIDv7 that is generated once. It is the idempotency key of every
    /// attempt to write the row. Rows of other programs may have IDs of other formats.
    pub action_id: String,
    /// The ID of the project on whose timeline the activity is.
    pub project_id: Option<String>,
    /// The ID of the user who acted.
    pub user_id: Option<String>,
    /// The ID of the request.
    pub request_id: Option<String>,
    /// The [name](ActionSet::name) of the action type.
    pub action_type: Option<Cow<'static, str>>,
    /// One line of text for people, of at most [`DETAILS_CHARS_MAX`](limits::DETAILS_CHARS_MAX)
    /// characters once it is recorded.
    pub action_details: Option<String>,
    /// The outcome.
    pub status: Option<Status>,
    /// The environment, such as `production` or `development`.
    pub environment: Option<String>,
    /// The IDs of the resulting records, at most [`REFERENCES_MAX`](limits::REFERENCES_MAX) once
    /// they are recorded.
    #[serde(default)]
    pub reference_ids: ReferenceIds,
    /// The time at which the function finished, in milliseconds since the Unix epoch.
    pub created_at: Option<i64>,
}

impl Activity {
    /// The names of the columns, in the order of the table. An activity serializes under the same
    /// names.
    pub const COLUMNS: [&str; 10] = [
        "action_id",
        "project_id",
        "user_id",
        "request_id",
        "action_type",
        "action_details",
        "status",
        "environment",
        "reference_ids",
        "created_at",
    ];

    /// Creates an activity of this type with a new ID, the status [`Status::Success`] and the
    /// current time.
    #[must_use]
    pub fn new(action: impl ActionSet) -> Self {
        Self {
            action_type: Some(Cow::Borrowed(action.name())),
            status: Some(Status::Success),
            created_at: Some(now_ms()),
            ..Self::empty(Uuid::now_v7().to_string())
        }
    }

    /// Returns true if the status says that the recorded call has not succeeded.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(
            self.status,
            Some(Status::Failure | Status::Panicked | Status::Cancelled)
        )
    }

    /// Returns the approximate size of the texts, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let texts = [
            &self.project_id,
            &self.user_id,
            &self.request_id,
            &self.action_details,
            &self.environment,
        ];
        let texts = texts.into_iter().flatten().map(String::len);
        self.action_id.len() + texts.sum::<usize>() + self.reference_ids.bytes()
    }

    /// Creates a row with nothing but an ID.
    pub(crate) fn empty(action_id: String) -> Self {
        Self {
            action_id,
            project_id: None,
            user_id: None,
            request_id: None,
            action_type: None,
            action_details: None,
            status: None,
            environment: None,
            reference_ids: ReferenceIds::new(),
            created_at: None,
        }
    }

    /// Sets the project on whose timeline the activity is.
    #[must_use]
    pub fn project_id(mut self, id: impl fmt::Display) -> Self {
        self.project_id = Some(id.to_string());
        self
    }

    /// Sets the user who acted.
    #[must_use]
    pub fn user_id(mut self, id: impl fmt::Display) -> Self {
        self.user_id = Some(id.to_string());
        self
    }

    /// Sets the request.
    #[must_use]
    pub fn request_id(mut self, id: impl fmt::Display) -> Self {
        self.request_id = Some(id.to_string());
        self
    }

    /// Sets the line of text for people.
    #[must_use]
    pub fn details(mut self, details: impl Into<String>) -> Self {
        self.action_details = Some(details.into());
        self
    }

    /// Sets the outcome. The default is [`Status::Success`].
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets the environment. The default is that of the [`Context`], else that of the tracker.
    #[must_use]
    pub fn environment(mut self, environment: impl fmt::Display) -> Self {
        self.environment = Some(environment.to_string());
        self
    }

    /// Adds the ID of a resulting record.
    #[must_use]
    pub fn reference(mut self, name: impl Into<Cow<'static, str>>, id: impl fmt::Display) -> Self {
        self.reference_ids.insert(name, id);
        self
    }

    /// Fills fields that are not set from `context`.
    pub(crate) fn fill(&mut self, context: &Context) {
        for (own, ambient) in [
            (&mut self.user_id, context.user_id()),
            (&mut self.request_id, context.request_id()),
            (&mut self.project_id, context.project_id()),
            (&mut self.environment, context.environment()),
        ] {
            if own.is_none() {
                *own = ambient.map(str::to_owned);
            }
        }
        if let Some(ambient) = context.shared_references() {
            self.reference_ids.add_missing(ambient, usize::MAX);
        }
    }

    /// Adds the ID of the current trace as a reference, unless the activity has one.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn fill_trace_id(&mut self) {
        if !self.reference_ids.contains_name(TRACE_ID)
            && let Some(id) = current_trace_id()
        {
            self.reference_ids.insert(TRACE_ID, id);
        }
    }

    /// Returns the values of the first eight [`COLUMNS`](Self::COLUMNS), which are texts.
    #[cfg(any(feature = "postgres", feature = "sqlx-sqlite"))]
    pub(crate) fn texts(&self) -> [Option<&str>; 8] {
        [
            Some(&self.action_id),
            self.project_id.as_deref(),
            self.user_id.as_deref(),
            self.request_id.as_deref(),
            self.action_type.as_deref(),
            self.action_details.as_deref(),
            self.status.as_ref().map(Status::as_str),
            self.environment.as_deref(),
        ]
    }

    /// Repairs every value that exceeds the [limits].
    pub(crate) fn repair(&mut self) {
        if self.action_id.is_empty() {
            self.action_id = Uuid::now_v7().to_string();
        }
        limits::repair(&mut self.action_id, ID_CHARS_MAX);
        for id in [
            &mut self.user_id,
            &mut self.request_id,
            &mut self.project_id,
            &mut self.environment,
        ] {
            limits::repair_optional(id, ID_CHARS_MAX);
        }
        if let Some(action) = &mut self.action_type {
            limits::repair_name(action);
            if action.is_empty() {
                self.action_type = None;
            }
        }
        limits::repair_optional(&mut self.action_details, DETAILS_CHARS_MAX);
        if let Some(Status::Other(status)) = &mut self.status {
            let mut text = std::mem::take(status).into_string();
            limits::repair(&mut text, ID_CHARS_MAX);
            *status = text.into();
        }
        self.reference_ids.repair();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ActionType;

    #[test]
    fn a_new_activity_has_a_uuid_of_version_7_and_the_time() {
        let before = now_ms();
        let activity = Activity::new(ActionType::Deployment);
        let id = Uuid::parse_str(&activity.action_id).unwrap();
        assert_eq!(id.get_version_num(), 7);
        assert!((before..=now_ms()).contains(&activity.created_at.unwrap()));
        assert_eq!(activity.status, Some(Status::Success));
    }

    #[test]
    fn only_what_is_not_set_is_filled_from_the_context() {
        let context = Context::new()
            .with_user_id("ambient")
            .with_project_id("ambient");
        let mut activity = Activity::new(ActionType::Deployment).user_id("own");
        activity.fill(&context);
        assert_eq!(activity.user_id.as_deref(), Some("own"));
        assert_eq!(activity.project_id.as_deref(), Some("ambient"));
        assert_eq!(activity.request_id, None);
    }

    #[test]
    fn an_empty_id_names_nobody_and_is_not_filled() {
        let context = Context::new().with_user_id("ambient");
        let mut activity = Activity::new(ActionType::Deployment).user_id("");
        activity.fill(&context);
        activity.repair();
        assert_eq!(activity.user_id, None);
    }

    #[test]
    fn an_action_name_is_repaired_wherever_it_comes_from() {
        const LONG: &str = match str::from_utf8(&[b'x'; 300]) {
            Ok(text) => text,
            Err(_) => "",
        };
        for (name, repaired) in [
            ("", None),
            ("a\0b", Some("a\u{FFFD}b".to_owned())),
            (LONG, Some(format!("{}…", &LONG[..254]))),
        ] {
            for name in [Cow::Borrowed(name), Cow::Owned(name.to_owned())] {
                let mut activity = Activity::new(ActionType::Deployment);
                activity.action_type = Some(name);
                activity.repair();
                assert_eq!(activity.action_type.as_deref(), repaired.as_deref());
            }
        }
    }

    #[test]
    fn it_serializes_under_the_names_of_the_columns() {
        let activity = Activity::new(ActionType::GithubPush).reference("github_push_id", 7);
        let json = serde_json::to_value(&activity).unwrap();
        let columns = json.as_object().unwrap().keys();
        let columns: BTreeSet<_> = columns.map(String::as_str).collect();
        assert_eq!(columns, BTreeSet::from(Activity::COLUMNS));
        assert_eq!(serde_json::from_value::<Activity>(json).unwrap(), activity);
    }
}
