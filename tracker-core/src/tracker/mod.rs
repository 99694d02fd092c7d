//! The handle through which activities are recorded: [`Tracker`].
//!
//! A [`builder`] starts a tracker, whose [`handle`] ends it. It is [`current`] where it is
//! installed or in a scope, which tasks [`carry`] along. What it is given to [`record`] goes to a
//! [`destination`], which may be a connection of the caller's ([`on_client`]).

mod awaited;
mod builder;
mod by_clients;
mod carry;
mod current;
mod destination;
mod handle;
mod on_client;
mod record;

pub(crate) use self::{
    awaited::Awaited,
    by_clients::ByClients,
    current::{HeldTracker, is_recording, may_record, with_current},
    destination::Destination,
};
pub use self::{
    awaited::not_recorded,
    builder::{BuildError, TrackerBuilder},
    carry::{ContextExt, InContext},
    current::{AlreadyInstalled, Installed},
    destination::{Durable, Queued},
    handle::Tracker,
    on_client::{Refusal, on_client},
};
