//! Lists the tracked functions of the program: [`call_sites`], and [`assert_all_tracked`] for a
//! test.
//!
//! Each `#[tracked]` function registers a [`CallSite`] when the program is loaded, even if it is
//! never called. Each [`call_site!`](crate::call_site), which stands beside code that records by
//! hand, does the same. The list covers all crates that are linked into the program. If a test does
//! not use a crate in another way, `use my_worker as _;` links it.
//!
//! ```
//! use tracker_core::{ActionSet, call_sites::{assert_all_tracked, call_sites}, tracked};
//!
//! #[derive(ActionSet)]
//! enum Billing {
//!     InvoiceSent,
//! }
//!
//! #[tracked(action = Billing::InvoiceSent)]
//! async fn send_invoice() {}
//!
//! // In a test: each action type has a function that records it.
//! assert_all_tracked::<Billing>();
//!
//! let site = call_sites().find(|site| site.function() == "send_invoice").expect("it is tracked");
//! assert_eq!(site.action(), Some("invoice_sent"));
//! ```

use std::{any::type_name, fmt};

use crate::ActionSet;

/// A tracked function of the program, or a place in it that records by hand.
///
/// [`Display`](fmt::Display) writes it like `send_invoice (worker::billing, src/billing.rs:12)`.
#[derive(Debug)]
pub struct CallSite {
    module_path: &'static str,
    function: &'static str,
    file: &'static str,
    line: u32,
    action: Action,
}

/// The source of a call site's action name.
#[doc(hidden)]
#[derive(Debug)]
pub enum Action {
    /// A constant name.
    Name(&'static str),
    /// A value of an [`ActionSet`], whose name is not a constant.
    Value(fn() -> &'static str),
    /// A type or a parameter, so that the name is unknown before the call.
    Dynamic,
}

inventory::collect!(CallSite);

impl CallSite {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        module_path: &'static str,
        function: &'static str,
        file: &'static str,
        line: u32,
        action: Action,
    ) -> Self {
        Self {
            module_path,
            function,
            file,
            line,
            action,
        }
    }

    /// Returns the path of the function's module, such as `worker::billing`.
    #[must_use]
    pub fn module_path(&self) -> &'static str {
        self.module_path
    }

    /// Returns the function's name, or `call_site!` for a place that records by hand.
    #[must_use]
    pub fn function(&self) -> &'static str {
        self.function
    }

    /// Returns the path of the source file as the compiler received it, usually relative to the
    /// root of the workspace.
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// Returns the line of the function's name, or of `call_site!`, starting from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Returns the name of the recorded action type; `None` if a type or the call decides it, as
    /// with `Self::CREATED`.
    #[must_use]
    pub fn action(&self) -> Option<&'static str> {
        match self.action {
            Action::Name(name) => Some(name),
            Action::Value(name) => Some(name()),
            Action::Dynamic => None,
        }
    }
}

impl fmt::Display for CallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            module_path,
            function,
            file,
            line,
            action: _,
        } = self;
        write!(f, "{function} ({module_path}, {file}:{line})")
    }
}

/// Returns every tracked function and every [`call_site!`](crate::call_site) that is linked into
/// the program, ordered by module, file and line.
///
/// Each call sorts the list, so this is meant for tests and start-up, not for a hot path.
pub fn call_sites() -> impl Iterator<Item = &'static CallSite> {
    let mut sites: Vec<&'static CallSite> = inventory::iter::<CallSite>().collect();
    sites.sort_unstable_by_key(|site| (site.module_path, site.file, site.line, site.function));
    sites.into_iter()
}

/// Asserts that each action type of the set is recorded by a tracked function of the program, or by
/// hand beside a [`call_site!`](crate::call_site).
///
/// # Panics
///
/// Panics if there are action types that nothing records. The message names them, and lists all
/// call sites with the action types that they record.
#[track_caller]
pub fn assert_all_tracked<A: ActionSet>() {
    let sites: Vec<_> = call_sites().collect();
    if let Some(complaint) = complaint::<A>(&sites) {
        panic!("{complaint}");
    }
}

/// Returns the message for the missing action types, if there are any.
fn complaint<A: ActionSet>(sites: &[&CallSite]) -> Option<String> {
    let untracked: Vec<_> = A::ACTIONS
        .iter()
        .filter(|action| !sites.iter().any(|site| site.action() == Some(action.name)))
        .map(|action| format!("`{}`", action.name))
        .collect();
    if untracked.is_empty() {
        return None;
    }
    let heading = if !crate::ENABLED {
        "the feature `enable` of tracker-core is off, so `#[tracked]` records nothing"
    } else if sites.is_empty() {
        "no function of this program is tracked"
    } else {
        "tracked functions, and calls beside `call_site!`:"
    };
    let list = sites.iter().map(|site| {
        let action = site.action().unwrap_or("(decided at the call)");
        format!("\n    {action}: {site}")
    });
    Some(format!(
        "no tracked function, and no call beside `call_site!`, records {} of `{}`\n\n{heading}{}",
        untracked.join(", "),
        type_name::<A>(),
        list.collect::<String>(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ActionType;

    fn site(action: Action) -> CallSite {
        CallSite::new("worker::jobs", "run", "src/jobs.rs", 7, action)
    }

    #[test]
    fn the_complaint_names_what_is_missing_and_lists_what_is_there() {
        let named = site(Action::Name("deployment"));
        let by_value = site(Action::Value(|| ActionType::GithubPush.name()));
        let dynamic = site(Action::Dynamic);
        assert_eq!(
            complaint::<ActionType>(&[&named, &by_value, &dynamic]).as_deref(),
            Some(
                "no tracked function, and no call beside `call_site!`, records `project_created`, `database_created`, `endpoints_added`, `queries_executed` of `tracker_core::action::ActionType`

tracked functions, and calls beside `call_site!`:
    deployment: run (worker::jobs, src/jobs.rs:7)
    github_push: run (worker::jobs, src/jobs.rs:7)
    (decided at the call): run (worker::jobs, src/jobs.rs:7)"
            )
        );
    }

    #[test]
    fn there_is_no_complaint_when_every_action_is_recorded() {
        let sites: Vec<_> = ActionType::ACTIONS
            .iter()
            .map(|action| site(Action::Name(action.name)))
            .collect();
        assert_eq!(
            complaint::<ActionType>(&sites.iter().collect::<Vec<_>>()),
            None
        );
    }

    #[test]
    fn a_program_without_tracked_functions_is_told_so() {
        let complaint = complaint::<ActionType>(&[]).expect("everything is missing");
        assert!(
            complaint.ends_with("no function of this program is tracked"),
            "{complaint}"
        );
    }
}
