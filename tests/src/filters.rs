//! Random activities and filters of few values, so that a filter passes many and rejects many; and
//! the meaning of a filter, independent of the crate.

use proptest::{option, prelude::*};
use tracker_core::{ActionType, Activity, Status, timeline::Filter};

/// A filter in plain values.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Any of these, unless there are none.
    pub action_types: Vec<&'static str>,
    /// This value exactly.
    pub user_id: Option<&'static str>,
    /// This value exactly.
    pub request_id: Option<&'static str>,
    /// This value exactly.
    pub status: Option<&'static str>,
    /// This value exactly.
    pub environment: Option<&'static str>,
    /// All of these.
    pub references: Vec<(&'static str, &'static str)>,
    /// Inclusive.
    pub created_after: Option<i64>,
    /// Exclusive.
    pub created_before: Option<i64>,
    /// A part of the details.
    pub text: Option<&'static str>,
}

const ACTIONS: [ActionType; 3] = [
    ActionType::Deployment,
    ActionType::GithubPush,
    ActionType::QueriesExecuted,
];
const ACTION_NAMES: [&str; 4] = [
    "deployment",
    "github_push",
    "queries_executed",
    "unheard_of",
];
const USERS: [&str; 3] = ["user_1", "user_2", "O'Neil \"%_\\"];
const STATUSES: [&str; 3] = ["success", "failure", "on hold"];
const ENVIRONMENTS: [&str; 2] = ["production", "Ünïcode ✓"];
const REFERENCES: [(&str, &str); 3] = [
    ("deployment_id", "a"),
    ("deployment_id", "b"),
    ("odd \"name\"", "{}"),
];
const DETAILS: [&str; 5] = [
    "deployed API:4",
    "100% of _all_ rows",
    "ÉCLAIR éclair",
    "<script>alert(1)</script>",
    "",
];
const TEXTS: [&str; 7] = ["api", "%", "_ALL", "éclair", "SCRIPT>", "", "no such text"];

/// Generates times of this range from -2 on, many of them equal.
const TIMES: std::ops::Range<i64> = -2..6;

fn one_of<T: Clone + std::fmt::Debug + 'static>(
    values: &'static [T],
) -> impl Strategy<Value = T> + Clone {
    proptest::sample::select(values)
}

/// Generates an activity of this project, whose ID the caller sets.
pub fn activities(project_id: &'static str) -> impl Strategy<Value = Activity> {
    (
        one_of(&ACTIONS),
        option::of(one_of(&USERS)),
        option::of(one_of(&USERS)),
        option::of(one_of(&STATUSES)),
        option::of(one_of(&ENVIRONMENTS)),
        proptest::collection::vec(one_of(&REFERENCES), 0..3),
        option::of(one_of(&DETAILS)),
        option::weighted(0.8, TIMES),
    )
        .prop_map(
            move |(action, user, request, status, environment, references, details, at)| {
                let mut activity = Activity::new(action).project_id(project_id);
                activity.user_id = user.map(str::to_owned);
                activity.request_id = request.map(str::to_owned);
                activity.status = status.map(Status::from);
                activity.environment = environment.map(str::to_owned);
                activity.action_details = details.map(str::to_owned);
                activity.created_at = at;
                for (name, id) in references {
                    activity.reference_ids.insert(name, id);
                }
                activity
            },
        )
}

/// Generates a filter with about half of its conditions set.
pub fn wanted() -> impl Strategy<Value = Wanted> {
    let rarely = |strategy| option::weighted(0.2, strategy);
    (
        proptest::collection::vec(one_of(&ACTION_NAMES), 0..3),
        rarely(one_of(&USERS)),
        rarely(one_of(&USERS)),
        option::weighted(0.2, one_of(&STATUSES)),
        option::weighted(0.2, one_of(&ENVIRONMENTS)),
        prop_oneof![4 => Just(Vec::new()), 1 => proptest::collection::vec(one_of(&REFERENCES), 0..3)],
        option::weighted(0.2, TIMES),
        option::weighted(0.2, TIMES),
        option::weighted(0.2, one_of(&TEXTS)),
    )
        .prop_map(
            |(
                action_types,
                user_id,
                request_id,
                status,
                environment,
                references,
                created_after,
                created_before,
                text,
            )| Wanted {
                action_types,
                user_id,
                request_id,
                status,
                environment,
                references,
                created_after,
                created_before,
                text,
            },
        )
}

impl Wanted {
    /// Returns the same filter for a store.
    pub fn filter(&self, project_id: &str) -> Filter {
        let mut filter = Filter::project(project_id);
        for name in &self.action_types {
            filter = filter.action_type(name);
        }
        for (name, id) in &self.references {
            filter = filter.reference(name, id);
        }
        if let Some(user) = self.user_id {
            filter = filter.user_id(user);
        }
        if let Some(request) = self.request_id {
            filter = filter.request_id(request);
        }
        if let Some(status) = self.status {
            filter = filter.status(status);
        }
        if let Some(environment) = self.environment {
            filter = filter.environment(environment);
        }
        if let Some(ms) = self.created_after {
            filter = filter.created_after(ms);
        }
        if let Some(ms) = self.created_before {
            filter = filter.created_before(ms);
        }
        if let Some(text) = self.text {
            filter = filter.text(text);
        }
        filter
    }

    /// Returns true if the filter passes an activity.
    #[must_use]
    pub fn means(&self, row: &Activity) -> bool {
        let is = |wanted: Option<&str>, value: Option<&str>| match wanted {
            Some(wanted) => value == Some(wanted),
            None => true,
        };
        let types = &self.action_types;
        let action = row.action_type.as_deref();
        let status = row.status.as_ref().map(ToString::to_string);
        let fold = |text: &str| -> String {
            text.chars()
                .map(|letter| letter.to_ascii_lowercase())
                .collect()
        };
        let mut conditions = vec![
            types.is_empty() || types.iter().any(|name| action == Some(*name)),
            is(self.user_id, row.user_id.as_deref()),
            is(self.request_id, row.request_id.as_deref()),
            is(self.status, status.as_deref()),
            is(self.environment, row.environment.as_deref()),
        ];
        for (name, id) in &self.references {
            let references = row.reference_ids.to_json();
            conditions.push(references[*name] == *id);
        }
        if let Some(from) = self.created_after {
            conditions.push(row.created_at >= Some(from));
        }
        if let Some(end) = self.created_before {
            conditions.push(row.created_at.is_some() && row.created_at < Some(end));
        }
        if let Some(text) = self.text {
            let details = row.action_details.as_deref().map(fold);
            conditions.push(details.is_some_and(|details| details.contains(&fold(text))));
        }
        conditions.into_iter().all(|holds| holds)
    }
}
