//! Who may see what: [`Authorize`].

#[cfg(any(feature = "jwt", feature = "tokens"))]
mod bearer;
#[cfg(feature = "jwt")]
mod jwt;
mod replaceable;
#[cfg(feature = "tokens")]
mod tokens;

use std::{sync::Arc, time::SystemTime};

use axum::http::request;
use futures_util::future::{BoxFuture, ready};

#[cfg(feature = "jwt")]
pub use self::jwt::{JwtError, JwtSettings, Jwts};
pub use self::replaceable::Replaceable;
#[cfg(feature = "tokens")]
pub use self::tokens::{Tokens, TokensError};

/// Decides for each request whether it may see a project's activities.
///
/// An application that mounts the [router](crate::router) implements it, usually by what its own middleware has put into the
/// request's extensions:
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
///     fn decide<'a>(&'a self, request: &'a request::Parts, project_id: &'a str) -> BoxFuture<'a, Decision> {
///         let decision = match request.extensions.get::<Session>() {
///             None => Decision::Unauthenticated,
///             Some(session) if session.projects.iter().any(|id| id == project_id) => Decision::Allowed,
///             Some(_) => Decision::Denied,
///         };
///         Box::pin(std::future::ready(decision))
///     }
/// }
/// ```
///
/// A stream has no end of its own, so it is decided on again and again: when what it was [allowed
/// until](Decision::AllowedUntil) has come, and at an
/// [interval](crate::Settings::decide_again_every). The request is the one that began it, with what
/// was in its extensions then. So whoever wants streams to end with a session looks there for what
/// names it, and asks anew whether it goes on.
pub trait Authorize: Send + Sync + 'static {
    /// Decides whether the request may see this project, of which there need not be anything.
    fn decide<'a>(
        &'a self,
        request: &'a request::Parts,
        project_id: &'a str,
    ) -> BoxFuture<'a, Decision>;
}

/// What an [`Authorize`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The request is answered.
    Allowed,
    /// The request is answered, and the permission holds until this time: that of a token's expiry,
    /// for instance.
    ///
    /// A stream ends then, unless it is allowed for longer when it is decided on once more. What
    /// has an end of its own is given to that, a long export too. A time that is over is as
    /// [`Unauthenticated`](Self::Unauthenticated).
    AllowedUntil(SystemTime),
    /// Nobody known has sent it: the answer is a 401.
    Unauthenticated,
    /// Who has sent it may not see this project: the answer is a 404, as where there is nothing.
    Denied,
}

/// Lets everybody see everything, for a server that only its own machine can reach.
#[derive(Clone, Copy, Debug)]
pub struct Open;

impl Authorize for Open {
    fn decide<'a>(&'a self, _: &'a request::Parts, _: &'a str) -> BoxFuture<'a, Decision> {
        Box::pin(ready(Decision::Allowed))
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
}
