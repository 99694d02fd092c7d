//! The layers around all routes: [`Surroundings`].

#[cfg(feature = "metrics")]
use axum::middleware::from_fn;
use axum::{Router, middleware::from_fn_with_state};

use crate::{
    middleware::{Headers, secured},
    origin::{Origin, shared_with},
};

/// The settings of the layers that see every answer, those of other layers included.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) allowed_origins: Vec<Origin>,
    pub(crate) headers: Headers,
}

impl Surroundings {
    /// Surrounds routes with these layers.
    pub(crate) fn around(self, mut routes: Router) -> Router {
        if !self.allowed_origins.is_empty() {
            routes = routes.layer(shared_with(&self.allowed_origins));
        }
        let routes = routes.layer(from_fn_with_state(self.headers, secured));
        #[cfg(feature = "metrics")]
        let routes = {
            crate::metrics::describe();
            routes.layer(from_fn(crate::metrics::measured))
        };
        routes
    }
}
