//! An activity as clients see it: [`ActivityBody`].

use std::{borrow::Cow, collections::HashMap};

use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tracker_core::{ActionSet, ActionType, Activity, ReferenceIds, Status};
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

/// The labels of the action types, by which people know them.
#[derive(Clone, Debug)]
pub(crate) struct Labels(HashMap<&'static str, &'static str>);

impl Default for Labels {
    fn default() -> Self {
        let mut labels = Self(HashMap::new());
        labels.add::<ActionType>();
        labels
    }
}

impl Labels {
    /// Adds the labels of a team's own action types.
    pub(crate) fn add<A: ActionSet>(&mut self) {
        let actions = A::ACTIONS.iter();
        self.0
            .extend(actions.map(|action| (action.name, action.label)));
    }

    /// Returns the label of an action type. An unknown one is labelled with the words of its name.
    pub(crate) fn label(&self, action_type: &str) -> Cow<'static, str> {
        if let Some(label) = self.0.get(action_type) {
            return Cow::Borrowed(label);
        }
        let mut words = action_type.replace(['_', '-', '.'], " ");
        if let Some(first) = words.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        words.into()
    }
}

/// An activity: the columns of its row, and two that are made of them.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Activity))]
pub(crate) struct ActivityBody {
    /// The row's ID.
    action_id: String,
    /// The project on whose timeline it is.
    project_id: Option<String>,
    /// Who did it.
    user_id: Option<String>,
    /// In which request.
    request_id: Option<String>,
    /// The name of the action type.
    #[cfg_attr(feature = "openapi", schema(example = "deployment"))]
    action_type: Option<Cow<'static, str>>,
    /// The name of the action type for people.
    #[cfg_attr(feature = "openapi", schema(example = "Deployment"))]
    action_label: Option<Cow<'static, str>>,
    /// One line for a person.
    action_details: Option<String>,
    /// `success`, `failure`, `panicked`, `cancelled`, or what another program wrote.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "success"))]
    status: Option<Status>,
    /// `production`, `development`, …
    environment: Option<String>,
    /// Links to related records: an object of texts, or what another program wrote.
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value, example = json!({ "deployment_id": "deploy_xyz789" })))]
    reference_ids: ReferenceIds,
    /// When the function finished, in milliseconds since the Unix epoch.
    created_at: Option<i64>,
    /// The same as RFC 3339, in UTC; `null` also for times outside the years 0 to 9999.
    #[cfg_attr(feature = "openapi", schema(example = "2026-11-24T08:01:31.123Z"))]
    created_at_rfc3339: Option<String>,
}

impl ActivityBody {
    pub(crate) fn new(activity: Activity, labels: &Labels) -> Self {
        Self {
            action_label: activity
                .action_type
                .as_deref()
                .map(|name| labels.label(name)),
            created_at_rfc3339: activity.created_at.and_then(rfc3339),
            reference_ids: activity.reference_ids,
            action_id: activity.action_id,
            project_id: activity.project_id,
            user_id: activity.user_id,
            request_id: activity.request_id,
            action_type: activity.action_type,
            action_details: activity.action_details,
            status: activity.status,
            environment: activity.environment,
            created_at: activity.created_at,
        }
    }
}

/// Returns a time as RFC 3339 in UTC, if it is of the years 0 to 9999.
pub(crate) fn rfc3339(ms: i64) -> Option<String> {
    let nanos = i128::from(ms) * 1_000_000;
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?;
    time.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_action_type_is_labelled_with_its_words() {
        let labels = Labels::default();
        assert_eq!(labels.label("github_push"), "GitHub push");
        assert_eq!(labels.label("invoice_sent"), "Invoice sent");
        assert_eq!(labels.label("éclair"), "éclair");
        assert_eq!(labels.label(""), "");
    }

    #[test]
    fn a_time_that_no_calendar_has_is_none() {
        assert_eq!(rfc3339(0).as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(rfc3339(1).as_deref(), Some("1970-01-01T00:00:00.001Z"));
        assert_eq!(rfc3339(i64::MAX), None);
        assert_eq!(rfc3339(i64::MIN), None);
    }
}
