//! Errors as `application/problem+json` (RFC 9457): [`Problem`].

use std::{borrow::Cow, sync::Arc};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tracker_core::StoreError;
#[cfg(feature = "openapi")]
use utoipa::{IntoResponses, ToSchema};

/// The time after which a client should try again, in seconds.
const RETRY_AFTER: &str = "5";

/// The error of a request, for the client.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Problem))]
pub(crate) struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status code of the response.
    status: u16,
    /// The exact error, and what to do.
    detail: Cow<'static, str>,
    /// The parameter that is wrong.
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<Cow<'static, str>>,
    /// The address of the application's login, for people, where it has one.
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = Option<String>))]
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<Arc<str>>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            parameter: None,
            login: None,
        }
    }

    /// The response to a parameter with a wrong value. The `predicate` goes on after its name, as
    /// in `is a whole number`.
    pub(crate) fn parameter(name: impl Into<Cow<'static, str>>, predicate: &str) -> Self {
        let name = name.into();
        let detail = format!("{name} {predicate}");
        Self {
            parameter: Some(name),
            ..Self::new(StatusCode::BAD_REQUEST, detail)
        }
    }

    /// Returns the exact error.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The response to a request for something that does not exist, or that the client may not know
    /// to exist.
    pub(crate) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "there is nothing here that you can see",
        )
    }

    /// The response to a request of an unknown sender, who logs in at `login` if the application
    /// has a login of its own.
    pub(crate) fn unauthenticated(login: Option<Arc<str>>) -> Self {
        let detail = match &login {
            None => "send a bearer token that is valid here: `Authorization: Bearer …`".into(),
            Some(login) => Cow::from(format!("log in at {login}, then try again")),
        };
        Self {
            login,
            ..Self::new(StatusCode::UNAUTHORIZED, detail)
        }
    }

    /// The response to a request that would be answered at another time.
    pub(crate) fn unavailable(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }
}

impl From<StoreError> for Problem {
    /// The message of the store goes to the log alone, because it may name hosts and roles.
    fn from(error: StoreError) -> Self {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the store could not answer a request"
        );
        if matches!(error, StoreError::Unsupported { .. }) {
            return Self::new(
                StatusCode::NOT_IMPLEMENTED,
                "the store of this server can't do that",
            );
        }
        Self::unavailable("the activities can't be read at the moment; try again in a while")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, json);
        match status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
            }
            StatusCode::UNAUTHORIZED => {
                let bearer = HeaderValue::from_static("Bearer");
                headers.insert(header::WWW_AUTHENTICATE, bearer);
            }
            _ => {}
        }
        response
    }
}

/// The problems of every route that reads.
#[cfg(feature = "openapi")]
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it only describes")]
pub(crate) enum ReadProblem {
    /// No token, or one that is not valid here.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(Problem),
    /// There is nothing here that you can see.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// Too many requests.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// The store can't be read at the moment, or there are as many streams as there can be.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// The problem of a wrong parameter.
#[cfg(feature = "openapi")]
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it only describes")]
#[response(
    status = 400,
    content_type = "application/problem+json",
    description = "A parameter is wrong."
)]
pub(crate) struct WrongParameter(Problem);
