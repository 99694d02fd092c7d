//! The message of a failed assertion: [`Report`].

use std::fmt;

use super::expect::{ExpectedActivity, Field, Seen};

/// The number of recorded activities that are shown.
const SHOWN_MAX: usize = 20;

/// The expectation, the activity that came nearest, and all there are.
pub(super) struct Report<'a> {
    pub(super) found: fmt::Arguments<'a>,
    pub(super) expected: &'a ExpectedActivity,
    pub(super) all: &'a [Seen<'a>],
}

impl Report<'_> {
    /// Returns the activity with the fewest differences and its number, unless one is as expected.
    fn nearest(&self) -> Option<(Seen<'_>, usize)> {
        let distance = |seen: Seen<'_>| {
            let differences = || self.expected.differences(seen);
            // With equally many differences, an activity of the expected type is nearer.
            let of_another_type = differences().any(|(field, _)| *field == Field::ActionType);
            (differences().count(), of_another_type)
        };
        let numbered = self.all.iter().copied().zip(1..);
        let (seen, place) = numbered.min_by_key(|(seen, _)| distance(*seen))?;
        (!self.expected.admits(seen)).then_some((seen, place))
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.found)?;
        for (field, wanted) in &self.expected.wanted {
            write!(f, "\n    {field} {wanted}")?;
        }
        if let Some((seen, place)) = self.nearest() {
            write!(f, "\nthe nearest is {place}, but its")?;
            for (field, value) in self.expected.differences(seen) {
                match value {
                    Some(value) => write!(f, "\n    {field} is {value:?}")?,
                    None => write!(f, "\n    {field} is not set")?,
                }
            }
        }
        let recorded = self.all.len();
        match recorded {
            0 if !crate::ENABLED => write!(
                f,
                "\nnothing was recorded: the feature `enable` of tracker-core is off"
            )?,
            0 => write!(f, "\nnothing was recorded")?,
            1 => write!(f, "\n1 activity was recorded:")?,
            _ => write!(f, "\n{recorded} activities were recorded:")?,
        }
        for (seen, place) in self.all.iter().take(SHOWN_MAX).zip(1..) {
            write!(f, "\n{place:>2}. {}", OneLine(*seen))?;
        }
        if recorded > SHOWN_MAX {
            write!(f, "\n    and {} more", recorded - SHOWN_MAX)?;
        }
        Ok(())
    }
}

/// Displays an activity on one line, without the fields that are not set.
struct OneLine<'a>(Seen<'a>);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let activity = self.0.activity;
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
            if let Some(value) = field.of(self.0) {
                write!(f, " {field}={value:?}")?;
            }
        }
        for (name, id) in activity.reference_ids.iter() {
            write!(f, " {name}={id}")?;
        }
        if self.0.is_on_client {
            f.write_str(" on the caller's client")?;
        }
        Ok(())
    }
}
