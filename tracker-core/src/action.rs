//! What kinds of activity there are: [`ActionType`], the six built-in ones, and [`ActionSet`], what
//! a team implements for its own.

use std::fmt;

use crate::macros::ActionSet;

pub(crate) mod check;

/// A closed set of action types whose names are known when the program is compiled.
///
/// It is [derived](macro@crate::ActionSet) for an enum, and `#[tracked(action = Billing::InvoiceSent)]` then accepts its
/// variants beside the built-in ones. A name is what the row's `action_type` holds: by convention lower-case
/// words joined by underscores, of at most [`ID_CHARS_MAX`](crate::limits::ID_CHARS_MAX) characters, unchanged for as
/// long as rows with it exist. A label is what people read instead; it may change at any time.
///
/// ```
/// use tracker_core::{ActionSet, Activity};
///
/// #[derive(ActionSet)]
/// enum Billing {
///     InvoiceSent,
///     #[action(label = "Payment came in")]
///     PaymentReceived,
/// }
///
/// let activity = Activity::new(Billing::InvoiceSent);
/// assert_eq!(activity.action_type.as_deref(), Some("invoice_sent"));
/// assert_eq!(Billing::InvoiceSent.label(), "Invoice sent");
/// assert_eq!(Billing::PaymentReceived.label(), "Payment came in");
/// assert_eq!(Billing::ACTIONS.len(), 2);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no action type",
    label = "not the type of an action",
    note = "name a variant of `tracker_core::ActionType`, or derive `tracker_core::ActionSet` for `{Self}`"
)]
pub trait ActionSet {
    /// Every action type of the set, each name once.
    const ACTIONS: &'static [NamedAction];

    /// The name that is stored as `action_type`: one of those in [`ACTIONS`](Self::ACTIONS).
    fn name(&self) -> &'static str;

    /// What the timeline shows for it: the label that [`ACTIONS`](Self::ACTIONS) has for its name.
    fn label(&self) -> &'static str {
        let name = self.name();
        Self::ACTIONS
            .iter()
            .find(|action| action.name == name)
            .map_or(name, |action| action.label)
    }
}

#[diagnostic::do_not_recommend]
impl<A: ActionSet + ?Sized> ActionSet for &A {
    const ACTIONS: &'static [NamedAction] = A::ACTIONS;

    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn label(&self) -> &'static str {
        (**self).label()
    }
}

/// An action type as it is stored and as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct NamedAction {
    /// What `action_type` holds.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
}

impl NamedAction {
    /// An action type of this name and label.
    #[must_use]
    pub const fn new(name: &'static str, label: &'static str) -> Self {
        Self { name, label }
    }
}

/// The built-in action types: what a worker that creates projects for users does.
///
/// ```
/// use tracker_core::{ActionSet, ActionType};
///
/// assert_eq!(ActionType::GithubPush.name(), "github_push");
/// assert_eq!(ActionType::GithubPush.label(), "GitHub push");
/// assert_eq!(ActionType::ALL.len(), 6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ActionSet)]
#[action(crate = crate)]
#[non_exhaustive]
pub enum ActionType {
    /// `project_created`: the container of a project is provisioned.
    ProjectCreated,
    /// `database_created`: a database and its tables are created.
    DatabaseCreated,
    /// `endpoints_added`: the loop that writes API endpoints has completed.
    EndpointsAdded,
    /// `queries_executed`: queries have run on the development database.
    QueriesExecuted,
    /// `deployment`: a deployment has succeeded.
    Deployment,
    /// `github_push`: code is pushed.
    #[action(label = "GitHub push")]
    GithubPush,
}

impl ActionType {
    /// Every built-in action type, in the order in which a project usually meets them.
    pub const ALL: [Self; 6] = [
        Self::ProjectCreated,
        Self::DatabaseCreated,
        Self::EndpointsAdded,
        Self::QueriesExecuted,
        Self::Deployment,
        Self::GithubPush,
    ];
}

impl fmt::Display for ActionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_holds_every_built_in_action() {
        let all = ActionType::ALL.map(|action| NamedAction::new(action.name(), action.label()));
        assert_eq!(all, ActionType::ACTIONS);
    }

    #[test]
    fn a_label_is_found_by_the_name() {
        struct ByHand;
        impl ActionSet for ByHand {
            const ACTIONS: &'static [NamedAction] = &[NamedAction::new("by_hand", "By hand")];

            fn name(&self) -> &'static str {
                "by_hand"
            }
        }
        assert_eq!(ByHand.label(), "By hand");
        assert_eq!((&&ByHand).label(), "By hand");
    }
}
