#![doc = include_str!("../README.md")]
//!
//! | to do this | see |
//! | --- | --- |
//! | mount the routes | [`router`], [`Settings`] |
//! | decide who may see what | [`Authorize`] |
//! | replace that decision while it is in use | [`Replaceable`] |
//! | show names in place of IDs | [`Names`] |
//! | share a part of a project by a link | [`ViewerKeys`] |
//! | write or read the CSV of the export | [`csv`] |
//!
//! # Routes
//!
//! | route | |
//! | --- | --- |
//! | `/api/projects` | a page of the projects that the reader may see |
//! | `/api/projects/{project_id}/activities` | a page of activities, one by one or by request |
//! | `…/activities/{action_id}` | one activity |
//! | `…/activities/stats` | counts by day or hour, and by action type |
//! | `…/activities/stream` | what arrives, as server-sent events |
//! | `…/activities/export` | all of them, as JSON lines or CSV |
//! | `…/activities/values` | the values that filters can have |
//! | `/api/projects/{project_id}/names` | names for people |
//! | `/api/projects/{project_id}/viewer-links` | makes a link that shows a part of a project |
//! | `/`, `/projects` | the projects that a reader may see |
//! | `/projects/{project_id}` | the timeline of a project |
//! | `/projects/{project_id}/activities/{action_id}` | all that is known of one activity |
//! | `/assets/activity-timeline.js` | the timeline as a web component, for a page of your own |
//! | `/openapi.json` | the description of all this for programs, in `OpenAPI` 3.1 |
//! | `/openapi-3.0.json` | the same in 3.0, for programs that read no newer one |
//! | `/healthz`, `/readyz` | liveness of the process, and readiness of the store |
//!
//! # Features
//!
//! None is on by default. The router takes any [`Store`](tracker_core::Store), and builds none:
//! choose stores with the features of `tracker-core`.
//!
//! - `jwt`: `Jwts`, an [`Authorize`] for bearer tokens that somebody else issues and signs.
//! - `metrics`: requests and their durations through the facade of the crate `metrics`, under names
//!   that begin with `tracker_http_`.
//! - `names`: `NamesFile`, a [`Names`] whose names are in a file.
//! - `openapi`: the functions `openapi` and `openapi_3_0`, which make the descriptions from the
//!   routes. A test compares them with the files that are answered.
//! - `serve`: `serve`, a server of its own with limits, and with `/metrics` in the format of
//!   Prometheus. The command `tracker serve` calls it.
//! - `tokens`: `Tokens`, an [`Authorize`] for bearer tokens that are in a file.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod activity;
mod authorize;
mod clock;
pub mod csv;
mod etag;
mod event_id;
mod hub;
mod kept;
mod kept_values;
#[cfg(feature = "metrics")]
mod metrics;
mod middleware;
mod names;
mod origin;
mod parameters;
mod permission;
mod problem;
mod reach;
mod router;
mod routes;
#[cfg(feature = "serve")]
mod serve;
mod settings;
mod state;
mod summaries;
mod surroundings;
mod viewer_links;

#[cfg(feature = "jwt")]
pub use self::authorize::{JwtError, JwtSettings, Jwts};
#[cfg(feature = "tokens")]
pub use self::authorize::{Tokens, TokensError};
#[cfg(feature = "names")]
pub use self::names::{NamesFile, NamesFileError};
#[cfg(feature = "openapi")]
pub use self::routes::description::{openapi, openapi_3_0};
#[cfg(feature = "serve")]
pub use self::serve::{Limits, ServeError, serve};
pub use self::{
    authorize::{Authorize, Decision, Open, Replaceable, VisibleProjects},
    names::{Audience, Name, Named, Names, NamesError},
    origin::{Origin, OriginError},
    router::router,
    settings::Settings,
    viewer_links::{ViewerKeys, ViewerKeysError, ViewerLink, ViewerLinkError},
};
