//! Who is acting, in which request and on which project, for all that a task does: [`Context`].
//!
//! A worker learns the user, the request and the project once, when a job or a request arrives. It puts
//! them into a [`Context`] and runs the work inside its [scope](Context::scope); every activity that
//! the work records takes from there what neither the attribute nor a parameter names.
//!
//! ```
//! use tracker_core::Context;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let request = Context::new().with_user_id("user_1").with_request_id("req_9f2");
//! request
//!     .scope(async {
//!         // An inner scope adds to the outer one, and what it sets wins.
//!         let project = Context::new().with_project_id("project_7");
//!         project
//!             .scope(async {
//!                 assert_eq!(Context::current().user_id(), Some("user_1"));
//!                 assert_eq!(Context::current().project_id(), Some("project_7"));
//!             })
//!             .await;
//!         assert_eq!(Context::current().project_id(), None);
//!     })
//!     .await;
//! # }
//! ```
//!
//! The context belongs to the task, never to the thread: it is there whenever the scoped future is
//! polled, on whichever thread, and at no other time. So it does not follow into a task that is
//! spawned inside; give that one a scope of its own with [`Context::current`].

use std::{fmt, future::Future, sync::Arc};

use tokio::task_local;

task_local! {
    static CURRENT: Context;
}

/// The user, request, project and environment of the work at hand; cheap to clone.
///
/// See the [module](self) for what it does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    user_id: Option<Arc<str>>,
    request_id: Option<Arc<str>>,
    project_id: Option<Arc<str>>,
    environment: Option<Arc<str>>,
}

impl Context {
    /// A context that names nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The context of the innermost scope that the running task is in, with all that the outer ones
    /// add to it; outside any scope, one that names nothing.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }

    /// Calls `f` with the [current](Self::current) context, not cloned; outside any scope, not at all.
    pub(crate) fn with_current(f: impl FnOnce(&Self)) {
        // An error says that there is no scope, and then there is nothing to do.
        let _ = CURRENT.try_with(f);
    }

    /// Runs `future` with this context, added to the one that is current now.
    pub fn scope<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self.over(&Self::current()), future)
    }

    /// This context, completed with what only `outer` names.
    fn over(self, outer: &Self) -> Self {
        Self {
            user_id: self.user_id.or_else(|| outer.user_id.clone()),
            request_id: self.request_id.or_else(|| outer.request_id.clone()),
            project_id: self.project_id.or_else(|| outer.project_id.clone()),
            environment: self.environment.or_else(|| outer.environment.clone()),
        }
    }

    /// Sets who is acting.
    #[must_use]
    pub fn with_user_id(mut self, id: impl fmt::Display) -> Self {
        self.user_id = Some(id.to_string().into());
        self
    }

    /// Sets the request in which the work is done.
    #[must_use]
    pub fn with_request_id(mut self, id: impl fmt::Display) -> Self {
        self.request_id = Some(id.to_string().into());
        self
    }

    /// Sets the project on whose timeline the activities go.
    #[must_use]
    pub fn with_project_id(mut self, id: impl fmt::Display) -> Self {
        self.project_id = Some(id.to_string().into());
        self
    }

    /// Sets the environment, which wins over the tracker's default.
    #[must_use]
    pub fn with_environment(mut self, environment: impl fmt::Display) -> Self {
        self.environment = Some(environment.to_string().into());
        self
    }

    /// Who is acting.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// The request in which the work is done.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The project on whose timeline the activities go.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }

    /// The environment the work is done in.
    #[must_use]
    pub fn environment(&self) -> Option<&str> {
        self.environment.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn outside_any_scope_the_context_names_nothing() {
        assert_eq!(Context::current(), Context::new());
    }

    #[test]
    fn an_inner_scope_adds_to_the_outer_one_and_wins() {
        let outer = Context::new()
            .with_user_id("outer")
            .with_request_id("outer");
        let inner = Context::new()
            .with_user_id("inner")
            .with_project_id("inner");
        let seen = outer
            .scope(inner.scope(async { Context::current() }))
            .now_or_never()
            .unwrap();
        // The inner scope was made outside the outer one, so it completed itself with nothing.
        assert_eq!(seen.request_id(), None);

        let outer = Context::new()
            .with_user_id("outer")
            .with_request_id("outer");
        let seen = outer
            .scope(async {
                let inner = Context::new()
                    .with_user_id("inner")
                    .with_project_id("inner");
                inner.scope(async { Context::current() }).await
            })
            .now_or_never()
            .unwrap();
        assert_eq!(seen.user_id(), Some("inner"));
        assert_eq!(seen.request_id(), Some("outer"));
        assert_eq!(seen.project_id(), Some("inner"));
    }
}
