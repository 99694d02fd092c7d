//! What a failed assertion says: [`Report`].

use std::fmt;

use super::expect::{ExpectedActivity, Field};
use crate::Activity;

/// How many of the recorded activities are shown.
const SHOWN_MAX: usize = 20;

/// What was looked for, what came nearest, and all there is.
pub(super) struct Report<'a> {
    pub(super) found: fmt::Arguments<'a>,
    pub(super) expected: &'a ExpectedActivity,
    pub(super) activities: &'a [Activity],
}

impl Report<'_> {
    /// The activity with the fewest differences, if none is as expected, and its place in the list.
    fn nearest(&self) -> Option<(&Activity, usize)> {
        let distance = |activity: &Activity| {
            let differences = || self.expected.differences(activity);
            // Of two with as many differences, one of the type is nearer.
            let of_another_type = differences().any(|(field, _)| *field == Field::ActionType);
            (differences().count(), of_another_type)
        };
        let numbered = self.activities.iter().zip(1..);
        let (activity, place) = numbered.min_by_key(|(activity, _)| distance(activity))?;
        (!self.expected.matches(activity)).then_some((activity, place))
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.found)?;
        for (field, wanted) in &self.expected.wanted {
            write!(f, "\n    {field} {wanted}")?;
        }
        if let Some((activity, place)) = self.nearest() {
            write!(f, "\nthe nearest is {place}, but its")?;
            for (field, value) in self.expected.differences(activity) {
                match value {
                    Some(value) => write!(f, "\n    {field} is {value:?}")?,
                    None => write!(f, "\n    {field} is not set")?,
                }
            }
        }
        let recorded = self.activities.len();
        match recorded {
            0 if !crate::ENABLED => write!(
                f,
                "\nnothing was recorded: the feature `enable` of tracker-core is off"
            )?,
            0 => write!(f, "\nnothing was recorded")?,
            1 => write!(f, "\n1 activity was recorded:")?,
            _ => write!(f, "\n{recorded} activities were recorded:")?,
        }
        for (activity, place) in self.activities.iter().take(SHOWN_MAX).zip(1..) {
            write!(f, "\n{place:>2}. {}", OneLine(activity))?;
        }
        if recorded > SHOWN_MAX {
            write!(f, "\n    and {} more", recorded - SHOWN_MAX)?;
        }
        Ok(())
    }
}

/// An activity on one line, without what is not set.
struct OneLine<'a>(&'a Activity);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let activity = self.0;
        f.write_str(activity.action_type.as_deref().unwrap_or("(no type)"))?;
        if let Some(status) = &activity.status {
            write!(f, " {status}")?;
        }
        for field in [
            Field::UserId,
            Field::RequestId,
            Field::ProjectId,
            Field::Environment,
            Field::Details,
        ] {
            if let Some(value) = field.of(activity) {
                write!(f, " {field}={value:?}")?;
            }
        }
        for (name, id) in activity.reference_ids.iter() {
            write!(f, " {name}={id}")?;
        }
        Ok(())
    }
}
