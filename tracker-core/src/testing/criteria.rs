//! The values that an expectation names, and those that an activity has: [`Criteria`].

use std::fmt;

use super::captured::Activities;
use crate::{Activity, Status};

/// All that is expected of one activity; what is not named is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Criteria(Vec<(Field, Wanted)>);

impl Criteria {
    pub(super) fn add(&mut self, field: Field, wanted: Wanted) {
        self.0.push((field, wanted));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(Field, Wanted)> {
        self.0.iter()
    }

    pub(super) fn admit(&self, seen: Seen<'_>) -> bool {
        self.differences(seen).next().is_none()
    }

    /// The fields that are not as expected, with what they are.
    pub(super) fn differences<'a>(
        &'a self,
        seen: Seen<'a>,
    ) -> impl Iterator<Item = (&'a Field, Option<&'a str>)> {
        self.0.iter().filter_map(move |(field, wanted)| {
            let value = field.of(seen);
            let as_wanted = value.is_some_and(|value| wanted.admits(value));
            (!as_wanted).then_some((field, value))
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    ActionType,
    Status,
    UserId,
    RequestId,
    ProjectId,
    Environment,
    Details,
    Reference(String),
    /// The place that it went to.
    Destination,
}

/// An activity, and where it went.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) activity: &'a Activity,
    pub(super) is_on_client: bool,
}

impl<'a> Seen<'a> {
    pub(super) fn all<A: Activities + ?Sized>(activities: &'a A) -> Vec<Self> {
        let all = activities.activities().iter().map(|activity| Self {
            activity,
            is_on_client: activities.is_on_client(activity),
        });
        all.collect()
    }
}

/// The values of [`Field::Destination`].
pub(super) const CLIENT: &str = "client";
const STORE: &str = "store";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Is(String),
    Contains(String),
}

impl Field {
    pub(super) fn of<'a>(&self, seen: Seen<'a>) -> Option<&'a str> {
        let Seen {
            activity,
            is_on_client,
        } = seen;
        match self {
            Self::ActionType => activity.action_type.as_deref(),
            Self::Status => activity.status.as_ref().map(Status::as_str),
            Self::UserId => activity.user_id.as_deref(),
            Self::RequestId => activity.request_id.as_deref(),
            Self::ProjectId => activity.project_id.as_deref(),
            Self::Environment => activity.environment.as_deref(),
            Self::Details => activity.action_details.as_deref(),
            Self::Reference(name) => activity.reference_ids.get(name),
            Self::Destination => Some(if is_on_client { CLIENT } else { STORE }),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ActionType => "action_type",
            Self::Status => "status",
            Self::UserId => "user_id",
            Self::RequestId => "request_id",
            Self::ProjectId => "project_id",
            Self::Environment => "environment",
            Self::Details => "action_details",
            Self::Reference(name) => return write!(f, "reference {name}"),
            Self::Destination => "place",
        })
    }
}

impl Wanted {
    fn admits(&self, value: &str) -> bool {
        match self {
            Self::Is(wanted) => value == wanted,
            Self::Contains(part) => value.contains(part.as_str()),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(wanted) => write!(f, "= {wanted:?}"),
            Self::Contains(part) => write!(f, "containing {part:?}"),
        }
    }
}
