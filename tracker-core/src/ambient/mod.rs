//! The context that a task has, and what it is made of: [`Context`].

mod references;
#[cfg(feature = "opentelemetry")]
mod trace;

use std::{borrow::Cow, fmt, future::Future, sync::Arc};

use serde::{Deserialize, Serialize};
use tokio::{task::futures::TaskLocalFuture, task_local};

use self::references::References;
#[cfg(feature = "opentelemetry")]
pub(crate) use self::trace::current_trace_id;
use crate::ReferenceIds;

/// The name of the reference to a trace. The ID is 32 lower-case hexadecimal digits.
pub const TRACE_ID: &str = "trace_id";

task_local! {
    static CURRENT: Context;
}

/// The user, request, project and environment of the current work, and reference IDs for its
/// activities; cheap to clone.
///
/// See the [module](crate::context) for what it does.
///
/// # In job payloads
///
/// A context serializes as a map of the fields that are set. `user_id`, `request_id`, `project_id`
/// and `environment` are strings, and `reference_ids` is a map of strings. These names are a format
/// and do not change. A field that is absent or `null` is not set, and an unknown field is skipped.
/// So workers of different versions can share a queue. Formats that write no names, such as
/// bincode, can't carry a context.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tracker_core::Context;
///
/// #[derive(Serialize, Deserialize)]
/// struct Job {
///     context: Context,
///     image: String,
/// }
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let job = Job { context: Context::new().with_user_id("user_1"), image: "api:4".into() };
/// let payload = serde_json::to_string(&job)?;
/// assert_eq!(payload, r#"{"context":{"user_id":"user_1"},"image":"api:4"}"#);
///
/// // The worker that takes it does `job.context.scope(deploy(job.image)).await`.
/// let job: Job = serde_json::from_str(&payload)?;
/// assert_eq!(job.context.user_id(), Some("user_1"));
/// # Ok(())
/// # }
/// ```
///
/// A context says who acts, and does not prove it. Take it only from a queue to which only your own
/// programs write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<Arc<str>>,
    #[serde(skip_serializing_if = "References::is_empty")]
    reference_ids: References,
}

impl Context {
    /// Makes a context that names nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the context of the innermost scope of the running task, completed from the outer
    /// scopes. Outside any scope, it names nothing.
    ///
    /// With the feature `opentelemetry` it names the current [trace](crate::context#traces), unless
    /// a scope does.
    #[must_use]
    pub fn current() -> Self {
        let context = Self::of_scope();
        #[cfg(feature = "opentelemetry")]
        if !context.names_reference(TRACE_ID)
            && let Some(id) = current_trace_id()
        {
            return context.with_reference(TRACE_ID, id);
        }
        context
    }

    /// The context that the scopes of the running task make.
    pub(crate) fn of_scope() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }

    /// Calls `f` once with the context of the running task, not cloned; outside any scope, with
    /// none. `f` runs no code of the user's, which might enter a scope.
    #[inline]
    pub(crate) fn with_current<T>(mut f: impl FnMut(Option<&Self>) -> T) -> T {
        match CURRENT.try_with(|context| f(Some(context))) {
            Ok(value) => value,
            Err(_) => f(None),
        }
    }

    /// Runs `future` with this context, completed from the current one.
    ///
    /// Use it for a future that is awaited here. For a future that runs in another task, use
    /// [`ContextExt::in_context`](crate::ContextExt::in_context), which also passes on the
    /// tracker's scope.
    pub fn scope<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        // The task stays in whichever trace it is.
        self.over(&Self::of_scope()).around(future)
    }

    /// Calls `f` with this context, completed from the current one. The current one is restored
    /// when `f` returns or panics. This is [`scope`](Self::scope) for code that is not async.
    ///
    /// ```
    /// use tracker_core::Context;
    ///
    /// let job = Context::new().with_user_id("user_1");
    /// job.sync_scope(|| assert_eq!(Context::current().user_id(), Some("user_1")));
    /// assert_eq!(Context::current().user_id(), None);
    /// ```
    pub fn sync_scope<T>(self, f: impl FnOnce() -> T) -> T {
        self.over(&Self::of_scope()).enter(f)
    }

    /// This context as it is for what goes elsewhere: completed with the current one, its trace
    /// included.
    pub(crate) fn completed(self) -> Self {
        self.over(&Self::current())
    }

    /// Runs `future` with this context as it is.
    pub(crate) fn around<F: Future>(self, future: F) -> TaskLocalFuture<Self, F> {
        CURRENT.scope(self, future)
    }

    /// Calls `f` with this context as it is.
    pub(crate) fn enter<T>(self, f: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, f)
    }

    /// Returns this context, completed from `outer`.
    fn over(self, outer: &Self) -> Self {
        Self {
            user_id: self.user_id.or_else(|| outer.user_id.clone()),
            request_id: self.request_id.or_else(|| outer.request_id.clone()),
            project_id: self.project_id.or_else(|| outer.project_id.clone()),
            environment: self.environment.or_else(|| outer.environment.clone()),
            reference_ids: self.reference_ids.over(&outer.reference_ids),
        }
    }

    /// Sets the user who acts.
    #[must_use]
    pub fn with_user_id(mut self, id: impl fmt::Display) -> Self {
        self.user_id = Some(id.to_string().into());
        self
    }

    /// Sets the request to which the work belongs.
    #[must_use]
    pub fn with_request_id(mut self, id: impl fmt::Display) -> Self {
        self.request_id = Some(id.to_string().into());
        self
    }

    /// Sets the project whose timeline shows the activities.
    #[must_use]
    pub fn with_project_id(mut self, id: impl fmt::Display) -> Self {
        self.project_id = Some(id.to_string().into());
        self
    }

    /// Sets the environment, which overrides the tracker's default.
    #[must_use]
    pub fn with_environment(mut self, environment: impl fmt::Display) -> Self {
        self.environment = Some(environment.to_string().into());
        self
    }

    /// Sets a reference ID that is added to each activity inside, unless the activity has one named
    /// `name` itself. An earlier ID of the same name is replaced.
    ///
    /// Nested scopes are merged name by name: an inner scope overrides the names that it sets, and
    /// keeps the rest. An empty `id` adds no reference, and hides the one of an outer scope. The
    /// [limits](crate::limits) of reference IDs apply: a name or ID that is too long is cut, and an
    /// empty name is left out. If there are more references than an activity can have, its own take
    /// precedence, then those of the inner scope.
    ///
    /// ```
    /// use tracker_core::{Context, testing::{capture, expect_activity}, tracked};
    ///
    /// #[tracked(action = "deployment")]
    /// async fn deploy() {}
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let job = Context::new().with_reference("job_id", "job_7");
    /// let ((), activities) = capture(job.scope(deploy())).await;
    /// expect_activity("deployment")
    ///     .reference("job_id", "job_7")
    ///     .assert_recorded_once(&activities);
    /// # }
    /// ```
    #[must_use]
    pub fn with_reference(
        mut self,
        name: impl Into<Cow<'static, str>>,
        id: impl fmt::Display,
    ) -> Self {
        self.reference_ids.set(name.into(), id.to_string());
        self
    }

    /// Returns the user who acts.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// Returns the request to which the work belongs.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the project whose timeline shows the activities.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }

    /// Returns the environment of the work.
    #[must_use]
    pub fn environment(&self) -> Option<&str> {
        self.environment.as_deref()
    }

    /// Returns the reference ID of this name.
    #[must_use]
    pub fn reference(&self, name: &str) -> Option<&str> {
        self.reference_ids.shared()?.get(name)
    }

    /// Iterates over the names and IDs of all references.
    pub fn references(&self) -> impl Iterator<Item = (&str, &str)> {
        let ids = self.reference_ids.shared().into_iter();
        ids.flat_map(|ids| ids.iter())
            .filter_map(|(name, id)| Some((name, id.as_str()?)))
    }

    /// Returns whether it says what the reference of that name is, be it that there is none.
    #[cfg(any(feature = "opentelemetry", feature = "tower"))]
    pub(crate) fn names_reference(&self, name: &str) -> bool {
        self.reference_ids.contains_name(name)
    }

    /// Returns all references, if there are any, shared with the rows that are recorded.
    pub(crate) fn shared_references(&self) -> Option<&Arc<ReferenceIds>> {
        self.reference_ids.shared()
    }
}

#[cfg(test)]
mod tests;
