//! Who may see what: [`Authorize`].

#[cfg(any(feature = "jwt", feature = "tokens"))]
mod bearer;
#[cfg(feature = "jwt")]
mod jwt;
#[cfg(feature = "tokens")]
mod tokens;

use std::sync::Arc;

use axum::http::request;
use futures_util::future::{BoxFuture, ready};

#[cfg(feature = "jwt")]
pub use self::jwt::{JwtError, JwtSettings, Jwts};
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
