//! What kinds of activity there are: [`ActionType`], the six built-in ones, and [`ActionSet`], what
//! a team implements for its own.

use std::fmt;

/// A closed set of action types whose names are known when the program is compiled.
///
/// An enum implements it once, and `#[tracked(action = Billing::InvoiceSent)]` then accepts its
/// variants beside the built-in ones. A name is what the row's `action_type` holds: lower-case
/// words joined by underscores, unchanged for as long as rows with it exist.
///
/// ```
/// use tracker_core::{ActionSet, Activity};
///
/// enum Billing {
///     InvoiceSent,
/// }
///
/// impl ActionSet for Billing {
///     fn name(&self) -> &'static str {
///         match self {
///             Self::InvoiceSent => "invoice_sent",
///         }
///     }
/// }
///
/// let activity = Activity::new(Billing::InvoiceSent);
/// assert_eq!(activity.action_type.as_deref(), Some("invoice_sent"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no action type",
    label = "not the type of an action",
    note = "name a variant of `tracker_core::ActionType`, or implement `tracker_core::ActionSet` for `{Self}`"
)]
pub trait ActionSet {
    /// The name that is stored as `action_type`.
    fn name(&self) -> &'static str;
}

#[diagnostic::do_not_recommend]
impl<A: ActionSet + ?Sized> ActionSet for &A {
    fn name(&self) -> &'static str {
        (**self).name()
    }
}

/// The built-in action types: what a worker that creates projects for users does.
///
/// ```
/// use tracker_core::{ActionSet, ActionType};
///
/// assert_eq!(ActionType::GithubPush.name(), "github_push");
/// assert_eq!(ActionType::ALL.len(), 6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

impl ActionSet for ActionType {
    fn name(&self) -> &'static str {
        match self {
            Self::ProjectCreated => "project_created",
            Self::DatabaseCreated => "database_created",
            Self::EndpointsAdded => "endpoints_added",
            Self::QueriesExecuted => "queries_executed",
            Self::Deployment => "deployment",
            Self::GithubPush => "github_push",
        }
    }
}

impl fmt::Display for ActionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
