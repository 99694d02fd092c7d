//! Creates, checks and changes the streams and the relays' consumer.
//!
//! `settings` turns a user's settings into those of a server. `found` reads the existing ones, and
//! `compare` compares the two. `provision` creates what is missing and changes what differs. It
//! sends everything else back as it was found, including settings that this client does not know.
//! `limits` reports settings among these that limit the way of activities.

mod compare;
mod found;
mod limits;
mod provision;
mod settings;

pub(crate) use self::found::differences_of_consumer;
pub(super) use self::{found::settings, limits::limits};
pub use self::{limits::Limit, settings::StreamSettings};
