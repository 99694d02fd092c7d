//! Action types: [`ActionType`] is the built-in set, and [`ActionSet`] the trait of every set.

use std::fmt;

use crate::macros::ActionSet;

pub(crate) mod check;

/// A closed set of action types whose names are known at compile time.
///
/// It is [derived](macro@crate::ActionSet) for an enum. `#[tracked(action = Billing::InvoiceSent)]`
/// then accepts its variants beside the built-in ones.
///
/// The name is stored as the row's `action_type`. By convention it consists of lower-case words
/// joined by underscores. It has at most [`ID_CHARS_MAX`](crate::limits::ID_CHARS_MAX) characters,
/// and must not change as long as rows with it exist. The label is the text that people read
/// instead. It may change at any time.
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
    /// All action types of the set. Each name occurs once.
    const ACTIONS: &'static [NamedAction];

    /// Returns the name that is stored as `action_type`, one of those in
    /// [`ACTIONS`](Self::ACTIONS).
    fn name(&self) -> &'static str;

    /// Returns the label that the timeline shows: the one that [`ACTIONS`](Self::ACTIONS) has for
    /// the name.
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

/// The name and the label of an action type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct NamedAction {
    /// The name that is stored as `action_type`.
    pub name: &'static str,
    /// The label that people read.
    pub label: &'static str,
}

impl NamedAction {
    /// Creates an action type with this name and label.
    #[must_use]
    pub const fn new(name: &'static str, label: &'static str) -> Self {
        Self { name, label }
    }
}

/// The built-in action types: the steps of a worker that creates projects for users.
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
    /// `project_created`: the container of a project was provisioned.
    ProjectCreated,
    /// `database_created`: a database and its tables were created.
    DatabaseCreated,
    /// `endpoints_added`: the loop that writes API endpoints has completed.
    EndpointsAdded,
    /// `queries_executed`: queries have run on the development database.
    QueriesExecuted,
    /// `deployment`: a deployment has succeeded.
    Deployment,
    /// `github_push`: code was pushed.
    #[action(label = "GitHub push")]
    GithubPush,
}

impl ActionType {
    /// All built-in action types, in the order in which a project usually has them.
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
