//! A [`Context`] for each request: a layer for axum, tonic and any other stack of tower services.
//!
//! ```
//! use axum::{Router, extract::Request, routing::post};
//! use tracker_core::{Context, tower::{ContextLayer, RequestIds}, tracked};
//!
//! /// The user of the request, which an outer authentication layer has set.
//! #[derive(Clone)]
//! struct User {
//!     id: String,
//! }
//!
//! #[tracked(action = "deployment")]
//! async fn deploy() {}
//!
//! let request_ids = RequestIds::generated();
//! let app: Router = Router::new()
//!     .route("/deployments", post(deploy))
//!     .layer(ContextLayer::new(move |request: &Request| {
//!         let context = Context::new().with_request_id(request_ids.of(request));
//!         match request.extensions().get::<User>() {
//!             Some(user) => context.with_user_id(&user.id),
//!             None => context,
//!         }
//!     }));
//! ```

mod request_ids;
mod traceparent;

use std::{
    fmt,
    sync::Arc,
    task::{self, Poll},
};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

pub use self::request_ids::{REQUEST_ID_CHARS_MAX, RequestIds};
use self::traceparent::trace_id;
use crate::{Context, InContext, context::TRACE_ID};

/// Runs each request in the [`Context`] that a function extracts from it.
///
/// The function is called once for each request, before the inner service. It sees the request as
/// received. Headers are unverified claims, so take the user from the place where your
/// authentication has put it, and the request's ID from [`RequestIds`].
///
/// The context applies to everything that the inner service does until it returns the response, but
/// not to a body that is streamed after that. Spawned tasks inherit it with
/// [`ContextExt`](crate::ContextExt). If another context is current around the service, it fills
/// the fields that the request's context leaves open.
pub struct ContextLayer<E> {
    extract: Arc<E>,
}

impl<E> ContextLayer<E> {
    /// Creates a layer that takes each request's context from `extract`.
    pub fn new<R>(extract: E) -> Self
    where
        E: Fn(&R) -> Context,
    {
        Self {
            extract: Arc::new(extract),
        }
    }

    /// Extends the layer: it also takes the trace ID from each request's header `traceparent`, as
    /// the reference [`trace_id`](TRACE_ID).
    ///
    /// The sender of a request chooses its headers. Use this only if a proxy or a service of your
    /// own sets this one. The [W3C recommendation](https://www.w3.org/TR/trace-context-1/) defines
    /// its format. A request without a valid header, or with more than one, gets no ID from it. An
    /// ID that the function itself sets wins.
    ///
    /// With the feature `opentelemetry` the header's ID wins over that of the current span, like
    /// everything that a context sets. Both are the same if the span continues the caller's trace.
    ///
    /// ```
    /// use http::Request;
    /// use tracker_core::{Context, tower::{ContextLayer, RequestIds}};
    ///
    /// let request_ids = RequestIds::generated();
    /// let layer = ContextLayer::new(move |request: &Request<String>| {
    ///     Context::new().with_request_id(request_ids.of(request))
    /// })
    /// .trusting_traceparent();
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn trusting_traceparent<B>(self) -> ContextLayer<impl Fn(&Request<B>) -> Context>
    where
        E: Fn(&Request<B>) -> Context,
    {
        let extract = self.extract;
        ContextLayer::new(move |request: &Request<B>| {
            let context = extract(request);
            match trace_id(request.headers()) {
                Some(id) if !context.names_reference(TRACE_ID) => {
                    context.with_reference(TRACE_ID, id)
                }
                _ => context,
            }
        })
    }
}

impl<S, E> Layer<S> for ContextLayer<E> {
    type Service = ContextService<S, E>;

    fn layer(&self, inner: S) -> Self::Service {
        ContextService {
            inner,
            extract: Arc::clone(&self.extract),
        }
    }
}

/// A service that runs each request in a [`Context`] of its own. [`ContextLayer`] creates it.
pub struct ContextService<S, E> {
    inner: S,
    extract: Arc<E>,
}

impl<S, E, R> Service<R> for ContextService<S, E>
where
    S: Service<R>,
    E: Fn(&R) -> Context,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = InContext<S::Future>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let context = (self.extract)(&request);
        // The inner service may do work before it returns its future, which belongs to the request
        // too.
        context.sync_scope(|| InContext::new(self.inner.call(request), Context::of_scope()))
    }
}

// The implementations are manual because a derive would require `Clone` and `Debug` of `E`.

impl<E> Clone for ContextLayer<E> {
    fn clone(&self) -> Self {
        Self {
            extract: Arc::clone(&self.extract),
        }
    }
}

impl<E> fmt::Debug for ContextLayer<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextLayer").finish_non_exhaustive()
    }
}

impl<S: Clone, E> Clone for ContextService<S, E> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            extract: Arc::clone(&self.extract),
        }
    }
}

impl<S: fmt::Debug, E> fmt::Debug for ContextService<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextService")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
