//! The settings of a router: [`Settings`].

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::watch;
use tracker_core::ActionSet;

use crate::{
    activity::Labels,
    authorize::{Authorize, Open, Replaceable},
    middleware::Headers,
    names::{Lookup, Names},
    origin::Origin,
    surroundings::Surroundings,
    viewer_links::{ViewerKeys, Viewers},
};

/// The default and the shortest interval at which the permission of a stream is decided anew.
const DECIDE_AGAIN_DEFAULT: Duration = Duration::from_mins(1);
const DECIDE_AGAIN_MIN: Duration = Duration::from_secs(1);

/// The defaults of how long names are waited for, and how long they are kept.
const NAMES_WITHIN_DEFAULT: Duration = Duration::from_secs(2);
const NAMES_KEPT_DEFAULT: Duration = Duration::from_mins(5);

/// The default of the longest time until a link for viewers expires.
const VIEWER_LINKS_MAX_DEFAULT: Duration = Duration::from_hours(24 * 90);

/// The settings of a [router](crate::router).
///
/// ```no_run
/// use std::sync::Arc;
/// use tracker_server::{Authorize, Settings, router};
///
/// # fn f(own_projects: impl Authorize, ends: tokio::sync::watch::Receiver<bool>)
/// #     -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings::new(Arc::new(own_projects)).login("/login").ending(ends);
/// let store = tracker_core::store::open("postgres://console@localhost/app")?;
/// let app: axum::Router = router(store, settings);
/// # Ok(())
/// # }
/// ```
///
/// Most applications set:
///
/// | setting | default | change it |
/// | --- | --- | --- |
/// | [`new`](Self::new) or [`open`](Self::open) | | to decide who may see what |
/// | [`login`](Self::login) | none | if people log in to your application |
/// | [`ending`](Self::ending) | never | always, or open streams block the shutdown |
/// | [`actions`](Self::actions) | none | if you have action types of your own |
///
/// Some applications set:
///
/// | setting | default | change it |
/// | --- | --- | --- |
/// | [`names`](Self::names) | none | to show names in place of IDs |
/// | [`pictures_from`](Self::pictures_from) | none | if names have pictures on other sites |
/// | [`viewer_links`](Self::viewer_links) | none | to share a part of a project by a link |
/// | [`allowed_origins`](Self::allowed_origins) | none | to use the component on other origins |
/// | [`frame_ancestors`](Self::frame_ancestors) | none | to embed a page in a frame |
///
/// Few applications set:
///
/// | setting | default | change it |
/// | --- | --- | --- |
/// | [`decide_again_every`](Self::decide_again_every) | 1 min | if streams must end sooner |
/// | [`streams_max`](Self::streams_max) | 1,024 | if more people look at once |
/// | [`names_within`](Self::names_within) | 2 s | if names come from a slow service |
/// | [`names_kept_for`](Self::names_kept_for) | 5 min | if names change more often |
/// | [`viewer_links_max`](Self::viewer_links_max) | 90 days | if links must expire sooner |
#[derive(Clone)]
#[must_use]
pub struct Settings {
    pub(crate) authorize: Arc<dyn Authorize>,
    /// True if everybody may see everything.
    #[cfg(feature = "serve")]
    pub(crate) is_open: bool,
    pub(crate) labels: Labels,
    names: Option<Arc<dyn Names>>,
    names_within: Duration,
    names_kept_for: Duration,
    viewer_keys: Option<Arc<Replaceable<ViewerKeys>>>,
    viewer_links_max: Duration,
    pictures_from: Vec<Origin>,
    frame_ancestors: Vec<Origin>,
    pub(crate) decide_again_every: Duration,
    pub(crate) streams_max: usize,
    allowed_origins: Vec<Origin>,
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
            names: None,
            names_within: NAMES_WITHIN_DEFAULT,
            names_kept_for: NAMES_KEPT_DEFAULT,
            viewer_keys: None,
            viewer_links_max: VIEWER_LINKS_MAX_DEFAULT,
            pictures_from: Vec::new(),
            frame_ancestors: Vec::new(),
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

    /// Sets the source of the names of users, projects and related records. Without it the page
    /// shows their IDs.
    pub fn names(mut self, names: Arc<dyn Names>) -> Self {
        self.names = Some(names);
        self
    }

    /// Sets the time limit of a lookup of names. The default is 2 s. The page shows IDs meanwhile,
    /// and keeps them if the time is over.
    pub fn names_within(mut self, time: Duration) -> Self {
        self.names_within = time;
        self
    }

    /// Sets the time for which a name is kept, or the fact that there is none. The default is 5
    /// minutes. All kept names together take at most 16 MiB. A name is kept only if several readers
    /// are [told](Names::audience) the same.
    pub fn names_kept_for(mut self, time: Duration) -> Self {
        self.names_kept_for = time;
        self
    }

    /// Sets the keys that sign links for viewers, and so lets everybody who may see a project make
    /// links that show a part of it. By default there are none, and no links.
    ///
    /// Whoever has a link reads what its filters let through, until it expires. The link replaces
    /// the decision of [`Authorize`]. To revoke links, [replace](Replaceable::replace) the keys:
    /// the links of a removed key end, and so do their streams when they are [decided on
    /// again](Self::decide_again_every).
    pub fn viewer_links(mut self, keys: Arc<Replaceable<ViewerKeys>>) -> Self {
        self.viewer_keys = Some(keys);
        self
    }

    /// Sets the maximum lifetime of a link for viewers. The default is 90 days. It does not bound
    /// links that are made [elsewhere](ViewerKeys::link).
    pub fn viewer_links_max(mut self, time: Duration) -> Self {
        self.viewer_links_max = time;
        self
    }

    /// Sets the origins of other sites that browsers may load the pictures of names from. By
    /// default there are none, and only pictures of this site and `data:` URLs are shown.
    pub fn pictures_from(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.pictures_from = origins.into_iter().collect();
        self
    }

    /// Sets the origins of the sites whose pages may embed the timeline in a frame. By default
    /// there are none.
    pub fn frame_ancestors(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.frame_ancestors = origins.into_iter().collect();
        self
    }

    /// Sets the interval at which the permission of a stream is decided anew. The default is one
    /// minute, the minimum one second. A stream ends when its permission has, and the client's next
    /// request is answered by the new decision.
    pub fn decide_again_every(mut self, interval: Duration) -> Self {
        self.decide_again_every = interval.max(DECIDE_AGAIN_MIN);
        self
    }

    /// Sets the maximum number of open streams. The default is 1,024. A request for a further one
    /// gets a 503.
    pub fn streams_max(mut self, streams: usize) -> Self {
        self.streams_max = streams.min(tokio::sync::Semaphore::MAX_PERMITS);
        self
    }

    /// Sets the origins whose pages may load the component's modules and use the API, with a bearer
    /// token if one is required. By default there are none, and browsers keep every page of another
    /// origin out.
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

    /// Sets a channel that ends the streams when it becomes true. Without it, open streams block
    /// the server's shutdown.
    pub fn ending(mut self, ending: watch::Receiver<bool>) -> Self {
        self.ending = ending;
        self
    }

    /// Returns the settings of the layers that see every answer.
    pub(crate) fn surroundings(&self) -> Surroundings {
        Surroundings {
            allowed_origins: self.allowed_origins.clone(),
            headers: Headers::new(&self.pictures_from, &self.frame_ancestors),
        }
    }

    /// Returns the check of links.
    pub(crate) fn viewers(&self) -> Viewers {
        Viewers::new(self.viewer_keys.clone(), self.viewer_links_max)
    }

    /// Returns the lookup of names.
    pub(crate) fn lookup(&self) -> Lookup {
        let names = self.names.clone();
        Lookup::new(names, self.names_within, self.names_kept_for)
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
