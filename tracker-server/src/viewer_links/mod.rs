//! Links that show a part of a project to whoever has them: [`ViewerKeys`].
//!
//! A link holds a token, which names a project, filters and an expiry, and is signed with a key of
//! the server. Nothing of it is stored: a link ends when it expires, or when its key is removed.

mod keys;
mod token;
mod viewers;

pub use self::{
    keys::{ViewerKeys, ViewerKeysError},
    token::{ViewerLink, ViewerLinkError},
};
pub(crate) use self::{token::Grant, viewers::Viewers};
