//! The settings of a router: [`Settings`].

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::watch;
use tracker_core::ActionSet;

use crate::{
    activity::Labels,
    authorize::{Authorize, Open},
    origin::Origin,
};

/// The default and the shortest interval at which the permission of a stream is decided anew.
const DECIDE_AGAIN_DEFAULT: Duration = Duration::from_mins(1);
const DECIDE_AGAIN_MIN: Duration = Duration::from_secs(1);

/// The settings of a [router](crate::router).
#[derive(Clone)]
#[must_use]
pub struct Settings {
    pub(crate) authorize: Arc<dyn Authorize>,
    /// True if everybody may see everything.
    #[cfg(feature = "serve")]
    pub(crate) is_open: bool,
    pub(crate) labels: Labels,
    pub(crate) decide_again_every: Duration,
    pub(crate) streams_max: usize,
    pub(crate) allowed_origins: Vec<Origin>,
    pub(crate) login: Option<Arc<str>>,
    pub(crate) ending: watch::Receiver<bool>,
}

impl Settings {
    /// Returns the defaults, with `authorize` to decide who may see which project.
    pub fn new(authorize: Arc<dyn Authorize>) -> Self {
        // Without its sender, the channel never reports that the server ends.
        let (_, ending) = watch::channel(false);
        Self {
            authorize,
            #[cfg(feature = "serve")]
            is_open: false,
            labels: Labels::default(),
            decide_again_every: DECIDE_AGAIN_DEFAULT,
            streams_max: 1_024,
            allowed_origins: Vec::new(),
            login: None,
            ending,
        }
    }

    /// Returns the defaults for a server whose projects everybody may see. `serve` then listens on
    /// a loopback address alone.
    pub fn open() -> Self {
        Self {
            #[cfg(feature = "serve")]
            is_open: true,
            ..Self::new(Arc::new(Open))
        }
    }

    /// Adds the labels of a team's own action types. An unknown action type is labelled with the
    /// words of its name.
    pub fn actions<A: ActionSet>(mut self) -> Self {
        self.labels.add::<A>();
        self
    }

    /// Sets the interval at which the permission of a stream is decided anew. The default is one
    /// minute, the minimum one second. A stream ends when its permission has, and the client's next
    /// request is answered by the new decision.
    pub fn decide_again_every(mut self, interval: Duration) -> Self {
        self.decide_again_every = interval.max(DECIDE_AGAIN_MIN);
        self
    }

    /// Sets the most streams that can be open at once. The default is 1,024. A further one is
    /// answered with a 503.
    pub fn streams_max(mut self, streams: usize) -> Self {
        self.streams_max = streams.min(tokio::sync::Semaphore::MAX_PERMITS);
        self
    }

    /// Sets the origins whose pages may load the component's modules and use the API, with a bearer
    /// token where one is wanted. There are none by default: browsers then keep every page of
    /// another origin from it.
    ///
    /// Cookies count for nothing in such a request, because any page of an allowed origin could act
    /// as whoever looks at it. An application whose own login is a cookie serves its page from the
    /// origin that the router is mounted at.
    pub fn allowed_origins(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.allowed_origins = origins.into_iter().collect();
        self
    }

    /// Sets the address at which people log in to the application that mounts the router: a path of
    /// its origin, as in `/login`, or an `https` URL.
    ///
    /// A 401 then names it, and the timeline leads there. Without it, both ask for a bearer token.
    pub fn login(mut self, address: impl Into<Arc<str>>) -> Self {
        self.login = Some(address.into());
        self
    }

    /// Sets a channel that ends the streams when it becomes true. Without it, open streams keep a
    /// server from ending.
    pub fn ending(mut self, ending: watch::Receiver<bool>) -> Self {
        self.ending = ending;
        self
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("decide_again_every", &self.decide_again_every)
            .field("streams_max", &self.streams_max)
            .field("allowed_origins", &self.allowed_origins)
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}
