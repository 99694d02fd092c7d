//! What a router is set up with: [`Settings`].

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::watch;
use tracker_core::ActionSet;

use crate::{
    activity::Labels,
    authorize::{Authorize, Open},
};

/// How often it is decided again whether a stream may go on, unless set; and no more often than the
/// other.
const DECIDE_AGAIN_DEFAULT: Duration = Duration::from_mins(1);
const DECIDE_AGAIN_MIN: Duration = Duration::from_secs(1);

/// How a [router](crate::router) answers.
#[derive(Clone)]
#[must_use]
pub struct Settings {
    pub(crate) authorize: Arc<dyn Authorize>,
    /// Whether everybody sees everything.
    #[cfg(feature = "serve")]
    pub(crate) is_open: bool,
    pub(crate) labels: Labels,
    pub(crate) decide_again_every: Duration,
    pub(crate) streams_max: usize,
    pub(crate) ending: watch::Receiver<bool>,
}

impl Settings {
    /// The defaults, with this decision on who may see what.
    pub fn new(authorize: Arc<dyn Authorize>) -> Self {
        // Without a sender it never says that the server ends.
        let (_, ending) = watch::channel(false);
        Self {
            authorize,
            #[cfg(feature = "serve")]
            is_open: false,
            labels: Labels::default(),
            decide_again_every: DECIDE_AGAIN_DEFAULT,
            streams_max: 1_024,
            ending,
        }
    }

    /// The same where everybody sees everything; with them `serve` listens on a loopback address alone.
    pub fn open() -> Self {
        Self {
            #[cfg(feature = "serve")]
            is_open: true,
            ..Self::new(Arc::new(Open))
        }
    }

    /// Adds the labels of a team's own action types; an unknown one is labelled with the words of its name.
    pub fn actions<A: ActionSet>(mut self) -> Self {
        self.labels.add::<A>();
        self
    }

    /// Sets how often it is decided again whether a stream may go on: once a minute unless set, and
    /// once a second at most. Where the [`Authorize`] has come to say no, the stream ends, and what
    /// is asked next is answered as it then says.
    pub fn decide_again_every(mut self, interval: Duration) -> Self {
        self.decide_again_every = interval.max(DECIDE_AGAIN_MIN);
        self
    }

    /// Sets how many streams can be open at once: 1,024 unless set. One more is answered with a 503.
    pub fn streams_max(mut self, streams: usize) -> Self {
        self.streams_max = streams.min(tokio::sync::Semaphore::MAX_PERMITS);
        self
    }

    /// Sets what ends the streams, which otherwise keep a server from ending: they end when this becomes true.
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
            .finish_non_exhaustive()
    }
}
