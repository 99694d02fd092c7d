//! An activity on its way to its destination: [`Record`].

use super::open_batch::{Ambient, OpenBatch, Rows};
use crate::{Activity, draft::Draft};

/// An activity that is not in a batch yet.
#[derive(Debug)]
pub enum Record<'a> {
    /// Gathered by a tracked function. Its texts are copied, and with them what it does not name:
    /// from the current [`Context`](crate::Context), and in the end the `environment` of its
    /// tracker. What does not fit a row is repaired by the writer.
    Draft {
        /// The draft.
        draft: &'a Draft<'a>,
        /// The tracker's own environment.
        environment: Option<&'a str>,
    },
    /// Built by hand, and complete.
    Activity(Box<Activity>),
}

impl Record<'_> {
    /// Appends it to a batch.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    pub(crate) fn push_to(self, batch: &mut OpenBatch) {
        match self {
            Self::Draft { draft, environment } if batch.has_names_for(draft) => {
                Ambient::with_current(environment, |ambient| batch.push_draft(draft, ambient));
            }
            other => batch.push_activity(other.into_activity()),
        }
    }

    /// The activity that it becomes.
    pub(crate) fn into_activity(self) -> Box<Activity> {
        match self {
            Self::Draft { draft, environment } => {
                let activity = |ambient: Ambient<'_>| Rows::activity_of(draft, ambient);
                Box::new(Ambient::with_current(environment, activity))
            }
            Self::Activity(activity) => activity,
        }
    }
}
