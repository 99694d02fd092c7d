//! A server for the router: [`serve`].

mod listeners;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use thiserror::Error;
use tokio::{
    sync::{Semaphore, watch},
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tower::ServiceExt;
use tracker_core::Store;

use self::listeners::Listeners;
use crate::{Settings, metrics, problem::Problem, router::routes};

/// The longest time in which a client sends the head of a request.
const HEAD_MAX: Duration = Duration::from_secs(10);

/// The largest head of a request, in bytes.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// The longest time in which pending answers are ended when the server ends.
const ENDING_MAX: Duration = Duration::from_secs(10);

/// The interval at which old entries of the limits and the metrics are removed.
const UPKEEP: Duration = Duration::from_secs(5);

/// The pause after a connection could not be accepted, for example for want of file handles.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// The limits of a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most requests of a client in a second, and in one burst. A client is an address. The
    /// default is 50. A further request is answered with a 429.
    pub requests_per_second: NonZeroU32,
    /// The most connections that are open at once. Further ones wait until one is closed. The
    /// default is 2,048.
    pub connections_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_second: const { NonZeroU32::new(50).unwrap() },
            connections_max: 2_048,
        }
    }
}

/// The reason why a server could not be started.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Everybody could see everything.
    #[error(
        "{listen} can be reached from other machines, and nothing says who may see what: listen on a loopback address, as in 127.0.0.1:8080, or name a file of tokens or keys"
    )]
    Unprotected {
        /// The address.
        listen: SocketAddr,
    },
    /// The address can't be bound.
    #[error("can't listen on {listen}: choose another port, or end the program that has it")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// No address was given.
    #[error("there is no address to listen on: name one, as in 127.0.0.1:8080")]
    NoAddress,
    /// The program already has a recorder of metrics.
    #[error("metrics can't be recorded")]
    Metrics(#[from] BuildError),
}

/// Serves the [router](crate::router), `/metrics` and the limits until `end` is done. Pending
/// answers then have 10 s to end.
///
/// It listens on all addresses of `listen`, such as those of a name, but for one that this machine
/// does not have. With [open](Settings::open) settings they must be loopback addresses.
/// `listening` receives the addresses, because their port can be 0. The rate limit counts by the
/// address of the peer. Clients behind a proxy share one address, so set the limit in the proxy.
///
/// # Errors
///
/// Returns a [`ServeError`] before anything is served.
pub async fn serve(
    store: Arc<dyn Store>,
    settings: Settings,
    limits: Limits,
    listen: &[SocketAddr],
    listening: impl FnOnce(&[SocketAddr]),
    end: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let reachable = listen.iter().find(|address| !address.ip().is_loopback());
    if let Some(listen) = reachable.filter(|_| settings.is_open) {
        return Err(ServeError::Unprotected { listen: *listen });
    }
    let unbound = |error| match error {
        Some((listen, source)) => ServeError::Listen { listen, source },
        None => ServeError::NoAddress,
    };
    let listeners = Listeners::bind(listen).await.map_err(unbound)?;
    let metrics = PrometheusBuilder::new()
        .set_buckets_for_metric(
            Matcher::Full(metrics::REQUEST_SECONDS.to_owned()),
            &metrics::SECONDS,
        )?
        .install_recorder()?;
    let (ending, is_ending) = watch::channel(false);
    let quota = Quota::per_second(limits.requests_per_second);
    let rates = Arc::new(RateLimiter::keyed(quota));
    let upkeep = tokio::spawn(upkeep(metrics.clone(), Arc::clone(&rates)));
    let surroundings = settings.surroundings();
    let app = routes(store, settings.ending(is_ending))
        .layer(from_fn_with_state(Arc::clone(&rates), rate_limited))
        .route("/metrics", get(async move || metrics.render()));
    let app = surroundings.around(app);
    listening(&listeners.addresses());

    let connections = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(
        limits.connections_max.clamp(1, Semaphore::MAX_PERMITS),
    ));
    tokio::select! {
        () = accept(&listeners, &app, &connections, &room) => {}
        () = end => {}
    }
    drop(listeners);
    ending.send_replace(true);
    if timeout(ENDING_MAX, connections.shutdown()).await.is_err() {
        tracing::warn!("some answers were not ended in time");
    }
    upkeep.abort();
    Ok(())
}

/// Accepts connections for ever.
async fn accept(
    listeners: &Listeners,
    app: &Router,
    connections: &GracefulShutdown,
    room: &Arc<Semaphore>,
) {
    loop {
        // The semaphore is never closed.
        let Ok(permit) = Arc::clone(room).acquire_owned().await else {
            return;
        };
        let (stream, client) = match listeners.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_RETRY).await;
                continue;
            }
        };
        // Small answers are sent without delay.
        let _ = stream.set_nodelay(true);
        let service = app
            .clone()
            .map_request(move |mut request: hyper::Request<Incoming>| {
                request.extensions_mut().insert(ConnectInfo(client));
                request.map(Body::new)
            });
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_MAX)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let served = connections.watch(served);
        tokio::spawn(async move {
            if let Err(error) = served.await {
                // These are clients that go away, are too slow or send what is no request.
                tracing::debug!(%error, %client, "a connection has ended");
                if let Some(reason) = unread_because(&error) {
                    metrics::unread(reason);
                }
            }
            drop(permit);
        });
    }
}

/// Returns the reason why a request could not be read, if there was one at all. A request that is
/// too slow can't be told from a connection that is kept open without one.
fn unread_because(error: &hyper::Error) -> Option<&'static str> {
    match error {
        error if error.is_parse_too_large() => Some("too_large"),
        error if error.is_parse() => Some("malformed"),
        _ => None,
    }
}

async fn rate_limited(
    State(rates): State<Arc<DefaultKeyedRateLimiter<IpAddr>>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    // Liveness probes are frequent and cost nothing. A page has some 70 files, and is blank without
    // one of them; they are in memory.
    let path = request.uri().path();
    let is_free = path == "/healthz" || path.starts_with("/assets/");
    if !is_free && rates.check_key(&client.ip()).is_err() {
        let detail = "too many requests at once; try again in a while";
        return Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).into_response();
    }
    next.run(request).await
}

/// Removes clients that have not come for a while, and old samples of the metrics.
async fn upkeep(metrics: PrometheusHandle, rates: Arc<DefaultKeyedRateLimiter<IpAddr>>) {
    let mut ticks = interval(UPKEEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
        rates.retain_recent();
    }
}
