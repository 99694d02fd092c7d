//! One row of `project_actions`: [`Activity`].

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[cfg(feature = "opentelemetry")]
use crate::context::{TRACE_ID, current_trace_id};
use crate::{
    ActionSet, Context, ReferenceIds, Status,
    clock::now_ms,
    limits::{self, DETAILS_CHARS_MAX, ID_CHARS_MAX},
};

/// What was done, by whom, in which request, and which records came of it: one row of the table.
///
/// `#[tracked]` makes one for each successful call. By hand it is built like this:
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
/// column but `action_id` may be absent, since other programs write to the table too. What recording
/// changes in a value that does not fit a row is said in [limits].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Activity {
    /// Identifies the activity: a UUIDv7, made once, and the idempotency key of every attempt to
    /// write the row. Rows of other programs have IDs of other formats.
    pub action_id: String,
    /// Whose timeline it is on.
    pub project_id: Option<String>,
    /// Who did it.
    pub user_id: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// What was done: the [name](ActionSet::name) of an action type.
    pub action_type: Option<Cow<'static, str>>,
    /// One line for a person.
    pub action_details: Option<String>,
    /// How it ended.
    pub status: Option<Status>,
    /// Where: `production`, `development`, …
    pub environment: Option<String>,
    /// The records that came of it.
    #[serde(default)]
    pub reference_ids: ReferenceIds,
    /// When the function finished, in milliseconds since the Unix epoch.
    pub created_at: Option<i64>,
}

impl Activity {
    /// The names of the columns, in the order of the table; an activity serializes under the same.
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

    /// An activity of this type that has succeeded just now, under a new ID.
    #[must_use]
    pub fn new(action: impl ActionSet) -> Self {
        Self {
            action_type: Some(Cow::Borrowed(action.name())),
            status: Some(Status::Success),
            created_at: Some(now_ms()),
            ..Self::empty(Uuid::now_v7().to_string())
        }
    }

    /// About how many bytes its texts take.
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

    /// A row of which nothing is known but its ID.
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

    /// Sets the project whose timeline it is on.
    #[must_use]
    pub fn project_id(mut self, id: impl fmt::Display) -> Self {
        self.project_id = Some(id.to_string());
        self
    }

    /// Sets the user who did it.
    #[must_use]
    pub fn user_id(mut self, id: impl fmt::Display) -> Self {
        self.user_id = Some(id.to_string());
        self
    }

    /// Sets the request in which it was done.
    #[must_use]
    pub fn request_id(mut self, id: impl fmt::Display) -> Self {
        self.request_id = Some(id.to_string());
        self
    }

    /// Sets the line for a person.
    #[must_use]
    pub fn details(mut self, details: impl Into<String>) -> Self {
        self.action_details = Some(details.into());
        self
    }

    /// Sets how it ended; [`Status::Success`] unless set.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets the environment it was done in; unless set, the [`Context`]'s, else the tracker's.
    #[must_use]
    pub fn environment(mut self, environment: impl fmt::Display) -> Self {
        self.environment = Some(environment.to_string());
        self
    }

    /// Adds the ID of a record that came of it.
    #[must_use]
    pub fn reference(mut self, name: impl Into<Cow<'static, str>>, id: impl fmt::Display) -> Self {
        self.reference_ids.insert(name, id);
        self
    }

    /// Takes from `context` what is not set.
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

    /// Adds the ID of the current trace, unless there is one.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn fill_trace_id(&mut self) {
        if !self.reference_ids.contains_name(TRACE_ID)
            && let Some(id) = current_trace_id()
        {
            self.reference_ids.insert(TRACE_ID, id);
        }
    }

    /// The values of the first eight [`COLUMNS`](Self::COLUMNS), those of text.
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

    /// Brings every value within the [limits].
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
