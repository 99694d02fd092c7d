//! Expectations of activities: [`expect_activity`].

use std::fmt;

use super::{
    captured::Activities,
    criteria::{CLIENT, Criteria, Field, Seen, Wanted},
    report::Report,
};
use crate::{Activity, Status};

/// Starts the expectation of an activity whose `action_type` is this text.
///
/// The text is not checked, because other programs may use any.
/// `expect_activity(Billing::InvoiceSent.name())` is checked at compile time. Fields that are not
/// named are ignored. An assertion ends the expectation. A failed assertion panics at the caller's
/// line, and reports the recorded activities and the nearest one:
///
/// ```should_panic
/// use tracker_core::{ActionType, Activity, testing::expect_activity};
///
/// let deployment = Activity::new(ActionType::Deployment);
/// let activities = [deployment.user_id("user_2").details("deployed api:4")];
/// expect_activity("deployment")
///     .user_id("user_1")
///     .details_contain("api:4")
///     .assert_recorded(&activities);
/// ```
///
/// ```text
/// no activity like this was recorded:
///     action_type = "deployment"
///     user_id = "user_1"
///     action_details containing "api:4"
/// the nearest is 1, but its
///     user_id is "user_2"
/// 1 activity was recorded:
///  1. deployment success user_id="user_2" action_details="deployed api:4"
/// ```
pub fn expect_activity(action_type: impl fmt::Display) -> ExpectedActivity {
    ExpectedActivity {
        wanted: Criteria::default(),
    }
    .is(Field::ActionType, action_type)
}

/// An expected activity. [`expect_activity`] creates it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "nothing is checked before one of the assertions is called"]
pub struct ExpectedActivity {
    wanted: Criteria,
}

impl ExpectedActivity {
    /// Expects this user.
    pub fn user_id(self, id: impl fmt::Display) -> Self {
        self.is(Field::UserId, id)
    }

    /// Expects this request.
    pub fn request_id(self, id: impl fmt::Display) -> Self {
        self.is(Field::RequestId, id)
    }

    /// Expects this project.
    pub fn project_id(self, id: impl fmt::Display) -> Self {
        self.is(Field::ProjectId, id)
    }

    /// Expects this environment.
    pub fn environment(self, environment: impl fmt::Display) -> Self {
        self.is(Field::Environment, environment)
    }

    /// Expects this status.
    pub fn status(self, status: impl Into<Status>) -> Self {
        self.is(Field::Status, status.into())
    }

    /// Expects exactly these details.
    pub fn details(self, details: impl fmt::Display) -> Self {
        self.is(Field::Details, details)
    }

    /// Expects details that contain this text.
    pub fn details_contain(self, part: impl fmt::Display) -> Self {
        self.and(Field::Details, Wanted::Contains(part.to_string()))
    }

    /// Expects this reference ID. IDs are compared as text: 7 is `"7"`.
    pub fn reference(self, name: impl fmt::Display, id: impl fmt::Display) -> Self {
        self.is(Field::Reference(name.to_string()), id)
    }

    /// Expects an activity that was written on the caller's own connection or transaction. Only
    /// [`Captured`](super::Captured) activities can match.
    pub fn on_client(self) -> Self {
        self.is(Field::Destination, CLIENT)
    }

    /// Returns whether the activity is as expected. Its destination is unknown here, so an
    /// expectation [on a client](Self::on_client) does not match.
    #[must_use = "this asserts nothing by itself"]
    pub fn matches(&self, activity: &Activity) -> bool {
        self.wanted.admit(Seen {
            activity,
            is_on_client: false,
        })
    }

    /// Asserts that there is at least one such activity, and returns the first.
    ///
    /// # Panics
    ///
    /// Panics if there is none.
    #[track_caller]
    pub fn assert_recorded<'a>(&self, activities: &'a (impl Activities + ?Sized)) -> &'a Activity {
        let all = Seen::all(activities);
        let Some(found) = all.iter().find(|seen| self.wanted.admit(**seen)) else {
            self.fail(format_args!("no activity like this was recorded"), &all);
        };
        found.activity
    }

    /// Asserts that there is exactly one such activity, and returns it.
    ///
    /// # Panics
    ///
    /// Panics if there is none or more than one.
    #[track_caller]
    pub fn assert_recorded_once<'a>(
        &self,
        activities: &'a (impl Activities + ?Sized),
    ) -> &'a Activity {
        let activity = self.assert_recorded(activities);
        let all = Seen::all(activities);
        let times = self.count(&all);
        if times > 1 {
            self.fail(
                format_args!("{times} activities like this were recorded, not one"),
                &all,
            );
        }
        activity
    }

    /// Asserts that there is no such activity.
    ///
    /// # Panics
    ///
    /// Panics if there is one.
    #[track_caller]
    pub fn assert_not_recorded(&self, activities: &(impl Activities + ?Sized)) {
        let all = Seen::all(activities);
        if self.count(&all) > 0 {
            self.fail(format_args!("an activity like this was recorded"), &all);
        }
    }

    #[track_caller]
    fn fail(&self, found: fmt::Arguments<'_>, all: &[Seen<'_>]) -> ! {
        let report = Report {
            found,
            expected: &self.wanted,
            all,
        };
        panic!("{report}")
    }

    fn is(self, field: Field, value: impl fmt::Display) -> Self {
        self.and(field, Wanted::Is(value.to_string()))
    }

    fn and(mut self, field: Field, wanted: Wanted) -> Self {
        self.wanted.add(field, wanted);
        self
    }

    fn count(&self, all: &[Seen<'_>]) -> usize {
        all.iter().filter(|seen| self.wanted.admit(**seen)).count()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;
    use crate::{ActionType, panics::panic_message};

    fn activities() -> Vec<Activity> {
        vec![
            Activity::new(ActionType::Deployment)
                .user_id("user_2")
                .details("deployed api:4")
                .reference("deployment_id", 7),
            Activity::new(ActionType::GithubPush)
                .user_id("user_1")
                .request_id("req_1")
                .project_id("project_1")
                .environment("staging")
                .status(Status::Failure),
        ]
    }

    fn failure(assertion: impl FnOnce() + std::panic::UnwindSafe) -> String {
        let panic = catch_unwind(assertion).expect_err("the assertion holds");
        panic_message(panic)
    }

    #[test]
    fn an_activity_with_all_that_is_named_is_found_and_returned() {
        let activities = activities();
        let push = expect_activity(ActionType::GithubPush)
            .user_id("user_1")
            .request_id("req_1")
            .project_id("project_1")
            .environment("staging")
            .status(Status::Failure);
        assert!(push.matches(&activities[1]));
        assert_eq!(push.assert_recorded_once(&activities), &activities[1]);
        expect_activity("deployment")
            .details("deployed api:4")
            .details_contain("api")
            .reference("deployment_id", 7)
            .assert_recorded_once(&activities);
        expect_activity("deployment")
            .reference("session_id", 7)
            .assert_not_recorded(&activities);
    }

    #[test]
    fn a_missing_one_is_reported_with_the_nearest_and_all_there_are() {
        let report = failure(|| {
            expect_activity("deployment")
                .user_id("user_1")
                .details_contain("api:5")
                .reference("session_id", 1)
                .assert_recorded(&activities());
        });
        assert_eq!(
            report,
            r#"no activity like this was recorded:
    action_type = "deployment"
    user_id = "user_1"
    action_details containing "api:5"
    reference session_id = "1"
the nearest is 1, but its
    user_id is "user_2"
    action_details is "deployed api:4"
    reference session_id is not set
2 activities were recorded:
 1. deployment success user_id="user_2" action_details="deployed api:4" deployment_id="7"
 2. github_push failure user_id="user_1" request_id="req_1" project_id="project_1" environment="staging""#
        );
    }

    #[test]
    fn one_too_many_is_reported_with_how_many_there_are() {
        let activities = [activities(), activities()].concat();
        let push = expect_activity("github_push");
        push.assert_recorded(&activities);
        let report = failure({
            let (push, activities) = (push.clone(), activities.clone());
            move || {
                push.assert_recorded_once(&activities);
            }
        });
        assert!(report.starts_with("2 activities like this were recorded, not one:\n"));
        let report = failure(move || push.assert_not_recorded(&activities));
        assert!(report.starts_with("an activity like this was recorded:\n"));
        assert!(!report.contains("nearest"));
    }

    #[test]
    fn a_long_list_is_cut_and_an_empty_one_is_named() {
        let report = failure(|| {
            expect_activity("deployment").assert_recorded(&[]);
        });
        assert!(report.ends_with("\nnothing was recorded"));
        let many = [(); 10].map(|()| activities()).concat();
        let many = [many, activities()].concat();
        let report = failure(move || {
            expect_activity("database_created").assert_recorded(&many);
        });
        assert!(report.ends_with("\n    and 2 more"), "{report}");
    }
}
