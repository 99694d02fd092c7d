//! An activity on its way to its destination: [`Record`].

use super::open_batch::{OpenBatch, Rows};
use crate::{Activity, Context, draft::Draft};

/// An activity that is not in a batch yet.
#[derive(Debug)]
pub enum Record<'a> {
    /// Gathered by a tracked function. Its texts are copied, so that the draft is used again.
    Draft(&'a mut Draft),
    /// Built by hand.
    Activity(Box<Activity>),
}

impl Record<'_> {
    /// Adds what it does not name: from the current [`Context`], and in the end the `environment`
    /// of its tracker. What does not fit a row is repaired here or, in a draft, by the writer.
    #[inline]
    pub(crate) fn complete(&mut self, environment: Option<&str>) {
        match self {
            Self::Draft(draft) => {
                Context::with_current(|context| draft.fill(context));
                #[cfg(feature = "opentelemetry")]
                draft.fill_trace_id();
                if let Some(environment) = environment {
                    draft.fill_environment(environment);
                }
            }
            Self::Activity(activity) => {
                Context::with_current(|context| activity.fill(context));
                #[cfg(feature = "opentelemetry")]
                activity.fill_trace_id();
                if activity.environment.is_none() {
                    activity.environment = environment.map(str::to_owned);
                }
                activity.repair();
            }
        }
    }

    /// Appends it to a batch.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    pub(crate) fn push_to(self, batch: &mut OpenBatch) {
        match self {
            Self::Draft(draft) if batch.has_names_for(draft) => batch.push_draft(draft),
            other => batch.push_activity(other.into_activity()),
        }
    }

    /// The activity that it becomes.
    pub(crate) fn into_activity(self) -> Box<Activity> {
        match self {
            Self::Draft(draft) => Box::new(Rows::activity_of(draft)),
            Self::Activity(activity) => activity,
        }
    }
}
