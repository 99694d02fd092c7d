//! The check of the links that requests come with: [`Viewers`].

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::http::{StatusCode, request};

use super::{Grant, ViewerKeys, ViewerLink, token::VERSION};
use crate::{
    authorize::{Replaceable, bearer},
    problem::Problem,
};

/// The links of a router, if it has any.
#[derive(Clone)]
pub(crate) struct Viewers {
    keys: Option<Arc<Replaceable<ViewerKeys>>>,
    /// The longest time until a link expires.
    longest: Duration,
}

impl Viewers {
    pub(crate) fn new(keys: Option<Arc<Replaceable<ViewerKeys>>>, longest: Duration) -> Self {
        Self { keys, longest }
    }

    /// Returns true if links can be made.
    pub(crate) fn has_keys(&self) -> bool {
        self.keys.is_some()
    }

    /// Returns the longest time until a link expires.
    pub(crate) fn longest(&self) -> Duration {
        self.longest
    }

    /// Returns what the link of a request grants at present, or `None` if the request comes with no
    /// link.
    pub(crate) fn grant(&self, request: &request::Parts) -> Result<Option<Grant>, Problem> {
        let token = bearer(request).filter(|token| {
            let rest = token.strip_prefix(VERSION);
            rest.is_some_and(|rest| rest.starts_with('.'))
        });
        let (Some(keys), Some(token)) = (&self.keys, token) else {
            return Ok(None);
        };
        let grant = keys.current().grant(token);
        grant
            .map(Some)
            .map_err(|refusal| Problem::new(StatusCode::UNAUTHORIZED, refusal.detail()))
    }

    /// Makes a link to a part of a project.
    pub(crate) fn link(
        &self,
        project_id: &str,
        filters: Vec<(String, String)>,
        expires_in: Duration,
    ) -> Result<ViewerLink, Problem> {
        let Some(keys) = &self.keys else {
            let detail = "this server makes no links: it has no keys to sign them with";
            return Err(Problem::new(StatusCode::NOT_IMPLEMENTED, detail));
        };
        if expires_in.is_zero() || expires_in > self.longest {
            let detail = format!("is a whole number from 1 to {}", self.longest.as_secs());
            return Err(Problem::parameter("expires_in_s", &detail));
        }
        let expires_at = SystemTime::now().checked_add(expires_in);
        let expires_at =
            expires_at.ok_or_else(|| Problem::parameter("expires_in_s", "ends in no calendar"))?;
        let link = keys.current().link(project_id, filters, expires_at)?;
        Ok(link)
    }
}
