//! The decision on who may see which project: [`Authorize`].

mod bearer;
#[cfg(feature = "jwt")]
mod jwt;
#[cfg(any(feature = "jwt", feature = "tokens"))]
mod project_lists;
mod replaceable;
#[cfg(feature = "tokens")]
mod tokens;
mod visible;

use std::{sync::Arc, time::SystemTime};

use axum::http::request;
use futures_util::future::{BoxFuture, ready};

pub(crate) use self::bearer::bearer;
#[cfg(feature = "jwt")]
pub use self::jwt::{JwtError, JwtSettings, Jwts};
pub use self::replaceable::Replaceable;
#[cfg(feature = "tokens")]
pub use self::tokens::{Tokens, TokensError};
pub use self::visible::VisibleProjects;

/// Decides for each request whether it may see a project's activities.
///
/// An application that mounts the [router](crate::router) implements it. The decision usually
/// depends on what the application's own middleware has put into the request's extensions:
///
/// ```
/// use axum::http::request;
/// use futures_util::future::BoxFuture;
/// use tracker_server::{Authorize, Decision};
///
/// /// What the application's own middleware found out.
/// #[derive(Clone)]
/// struct Session { projects: Vec<String> }
///
/// struct OwnProjects;
///
/// impl Authorize for OwnProjects {
///     fn decide<'a>(
///         &'a self,
///         request: &'a request::Parts,
///         project_id: &'a str,
///     ) -> BoxFuture<'a, Decision> {
///         let is_own = |session: &Session| session.projects.iter().any(|id| id == project_id);
///         let decision = match request.extensions.get::<Session>() {
///             None => Decision::Unauthenticated,
///             Some(session) if is_own(session) => Decision::Allowed,
///             Some(_) => Decision::Denied,
///         };
///         Box::pin(std::future::ready(decision))
///     }
/// }
/// ```
///
/// A stream has no end of its own, so its permission is decided anew: at the time until which it
/// was [allowed](Decision::AllowedUntil), and at an
/// [interval](crate::Settings::decide_again_every). `request` is then the request that began the
/// stream, with its extensions as they were. To end streams with a session, find the session's name
/// in the extensions and look up whether it still exists.
pub trait Authorize: Send + Sync + 'static {
    /// Decides whether the request may see this project. The project need not exist.
    fn decide<'a>(
        &'a self,
        request: &'a request::Parts,
        project_id: &'a str,
    ) -> BoxFuture<'a, Decision>;

    /// Returns which projects the request may list. Those are no others than
    /// [`decide`](Self::decide) allows.
    ///
    /// By default each project is [decided](VisibleProjects::AskEach) on, which is slow where there
    /// are many. An application that knows the projects of its users returns
    /// [these](VisibleProjects::These).
    fn projects<'a>(&'a self, request: &'a request::Parts) -> BoxFuture<'a, VisibleProjects> {
        let _ = request;
        Box::pin(ready(VisibleProjects::AskEach))
    }
}

/// The decision of an [`Authorize`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The request is answered.
    Allowed,
    /// The request is answered, and the permission holds until this time, for example until a token
    /// expires.
    ///
    /// A stream ends at that time, unless the next decision allows it for longer. An answer that
    /// ends by itself is completed, even a long export. A time in the past has the effect of
    /// [`Unauthenticated`](Self::Unauthenticated).
    AllowedUntil(SystemTime),
    /// The sender is unknown: the answer is a 401.
    Unauthenticated,
    /// The sender may not see this project: the answer is a 404, the same as for a project that
    /// does not exist.
    Denied,
}

/// Lets everybody see everything, for a server that only its own machine can reach.
#[derive(Clone, Copy, Debug)]
pub struct Open;

impl Authorize for Open {
    fn decide<'a>(&'a self, _: &'a request::Parts, _: &'a str) -> BoxFuture<'a, Decision> {
        Box::pin(ready(Decision::Allowed))
    }

    fn projects<'a>(&'a self, _: &'a request::Parts) -> BoxFuture<'a, VisibleProjects> {
        Box::pin(ready(VisibleProjects::All))
    }
}

impl<T: Authorize + ?Sized> Authorize for Arc<T> {
    fn decide<'a>(
        &'a self,
        request: &'a request::Parts,
        project_id: &'a str,
    ) -> BoxFuture<'a, Decision> {
        (**self).decide(request, project_id)
    }

    fn projects<'a>(&'a self, request: &'a request::Parts) -> BoxFuture<'a, VisibleProjects> {
        (**self).projects(request)
    }
}
