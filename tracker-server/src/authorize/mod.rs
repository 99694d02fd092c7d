//! Who may see what: [`Authorize`].

mod jwt;
mod tokens;

use std::sync::Arc;

use axum::http::{header, request};
use futures_util::future::{BoxFuture, ready};

pub use self::{
    jwt::{JwtError, JwtSettings, Jwts},
    tokens::{Tokens, TokensError},
};

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

/// The token of an `Authorization: Bearer …` header.
fn bearer(request: &request::Parts) -> Option<&str> {
    let value = request.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

/// Whether a list of projects, in which `*` stands for all, has this one.
fn has_project(projects: &[String], project_id: &str) -> bool {
    projects
        .iter()
        .any(|project| project == "*" || project == project_id)
}

fn decision(is_allowed: bool) -> Decision {
    if is_allowed {
        Decision::Allowed
    } else {
        Decision::Denied
    }
}
