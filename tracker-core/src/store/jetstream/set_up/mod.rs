//! Making, checking and changing the streams and the relays' consumer.
//!
//! The `settings` are what a user sets, turned into what a server has; `found` is what is there, and `compare` compares the two. `provision` makes and changes what differs: what
//! is changed is sent back as it was found but for that: the rest is for others to decide, also what no client knows yet. `limits` tells what
//! of the rest is in the way.

mod compare;
mod found;
mod limits;
mod provision;
mod settings;

pub(crate) use self::found::differences_of_consumer;
pub(super) use self::{found::settings, limits::limits};
pub use self::{limits::Limit, settings::StreamSettings};
