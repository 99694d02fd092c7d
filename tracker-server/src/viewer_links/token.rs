//! The token of a link: [`Claims`], and what they grant, [`Grant`].

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracker_core::timeline::Filter;

use crate::{
    parameters::{FILTERS, Values},
    problem::Problem,
};

/// The first characters of a token, which tell it from all other bearer tokens and name its
/// version.
pub(super) const VERSION: &str = "tv1";

/// The longest token, in bytes, since it is sent in the head of each request.
const TOKEN_BYTES_MAX: usize = 4_096;

/// A link that shows a part of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ViewerLink {
    path: String,
    token: String,
    key: String,
    expires_at: SystemTime,
}

impl ViewerLink {
    /// Returns the path of the page, with the token after a `#`, which browsers send to no server.
    /// It is relative to where the router is mounted.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the token, for the header `Authorization: Bearer …`.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Returns the name of the key that has signed the token.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the time from which on the link shows nothing, in whole seconds.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }
}

/// The reason why a link can't be made.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct ViewerLinkError(Unmade);

#[derive(Debug, Error)]
enum Unmade {
    #[error("a filter is wrong: {}", .0.detail())]
    Filter(Problem),
    #[error("the filters are too long for a link: a token has at most {TOKEN_BYTES_MAX} bytes")]
    Long,
    #[error("the time at which the link expires is in no calendar")]
    Expiry,
}

impl From<ViewerLinkError> for Problem {
    fn from(error: ViewerLinkError) -> Self {
        match error.0 {
            Unmade::Filter(problem) => problem,
            other => Self::new(StatusCode::BAD_REQUEST, other.to_string()),
        }
    }
}

/// The content of the signed part of a token.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    #[serde(rename = "p")]
    project_id: String,
    /// The filters, as a query string.
    #[serde(rename = "f")]
    filters: String,
    /// The first second, since the Unix epoch, in which the token grants nothing.
    #[serde(rename = "e")]
    expires_at_s: u64,
}

impl Claims {
    pub(super) fn new<N: AsRef<str>, V: AsRef<str>>(
        project_id: &str,
        filters: impl IntoIterator<Item = (N, V)>,
        expires_at: SystemTime,
    ) -> Result<Self, ViewerLinkError> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(filters);
        let after = expires_at.duration_since(UNIX_EPOCH);
        let claims = Self {
            project_id: project_id.to_owned(),
            filters: query.finish(),
            expires_at_s: after.unwrap_or_default().as_secs(),
        };
        let checked = claims.filter().map(drop);
        checked.map_err(|problem| ViewerLinkError(Unmade::Filter(problem)))?;
        Ok(claims)
    }

    /// Returns the link with these claims, signed by `sign` with the key of this name.
    pub(super) fn signed(
        &self,
        key: &str,
        sign: impl Fn(&str) -> Vec<u8>,
    ) -> Result<ViewerLink, ViewerLinkError> {
        let claims = serde_json::to_vec(self).unwrap_or_default();
        let signed = format!("{VERSION}.{key}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(sign(&signed));
        let token = format!("{signed}.{signature}");
        if token.len() > TOKEN_BYTES_MAX {
            return Err(ViewerLinkError(Unmade::Long));
        }
        let expires_at = self.expires_at().ok_or(ViewerLinkError(Unmade::Expiry))?;
        let project: String = form_urlencoded::byte_serialize(self.project_id.as_bytes()).collect();
        Ok(ViewerLink {
            // In a path a space is `%20`.
            path: format!("/projects/{}#viewer={token}", project.replace('+', "%20")),
            token,
            key: key.to_owned(),
            expires_at,
        })
    }

    /// Returns what these claims grant at a time.
    pub(super) fn grant(self, now: SystemTime) -> Result<Grant, Refusal> {
        let until = self.expires_at().ok_or(Refusal::Malformed)?;
        if until <= now {
            return Err(Refusal::Expired);
        }
        let filter = self.filter().map_err(|_| Refusal::Malformed)?;
        Ok(Grant {
            project_id: self.project_id,
            filter,
            until,
        })
    }

    /// Returns the time from which on the token grants nothing, if a calendar has it.
    fn expires_at(&self) -> Option<SystemTime> {
        UNIX_EPOCH.checked_add(Duration::from_secs(self.expires_at_s))
    }

    fn filter(&self) -> Result<Filter, Problem> {
        let values = Values::read(Some(&self.filters), &[FILTERS])?;
        values.filter_of(&self.project_id)
    }
}

/// The grant of a token: the activities of a project that a filter lets through, until a time.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) project_id: String,
    pub(crate) filter: Filter,
    pub(crate) until: SystemTime,
}

/// The parts of a token, of which none is verified.
pub(super) struct Parts<'a> {
    /// The name of the key.
    pub(super) key: &'a str,
    /// The signed part: all but the signature.
    pub(super) signed: &'a str,
    claims: &'a str,
    pub(super) signature: Vec<u8>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(token: &'a str) -> Result<Self, Refusal> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Refusal::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let mut parts = signed.split('.');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(VERSION), Some(key), Some(claims), None) => Ok(Self {
                key,
                signed,
                claims,
                signature: decoded(signature)?,
            }),
            _ => Err(Refusal::Malformed),
        }
    }

    /// Returns the claims, once the signature is verified.
    pub(super) fn claims(&self) -> Result<Claims, Refusal> {
        let claims = decoded(self.claims)?;
        serde_json::from_slice(&claims).map_err(|_| Refusal::Malformed)
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::Malformed)
}

/// The reason why a token grants nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Malformed,
    UnknownKey,
    Expired,
}

impl Refusal {
    /// The reason in words, for whoever has the link.
    pub(super) fn detail(self) -> &'static str {
        match self {
            Self::Malformed => "this link is not whole: copy all of it",
            Self::UnknownKey => "this link was revoked: ask for another",
            Self::Expired => "this link has expired: ask for another",
        }
    }
}
