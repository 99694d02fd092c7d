//! The handle through which activities are recorded: [`Tracker`].
//!
//! A [`builder`] starts a tracker, whose [`handle`] ends it. It is [`current`] where it is
//! installed or in a scope, which tasks [`carry`] along. What it is given to [`record`] goes to a
//! [`destination`], which may be a connection of the caller's ([`on_client`]).

mod builder;
mod by_clients;
mod carry;
mod current;
mod destination;
mod handle;
mod on_client;
mod record;

pub use self::{
    builder::{BuildError, TrackerBuilder},
    carry::{ContextExt, InContext},
    current::{AlreadyInstalled, Installed},
    destination::{Durable, Queued, not_recorded},
    handle::Tracker,
    on_client::{Refusal, on_client},
};
pub(crate) use self::{
    by_clients::ByClients,
    current::{is_recording, may_record, with_current},
    destination::{Awaited, Destination},
};
