//! The routes, one in each file.

#![allow(
    unused_qualifications,
    reason = "in what utoipa makes of the attributes"
)]

pub(crate) mod assets;
mod blocks;
#[cfg(feature = "openapi")]
pub(crate) mod description;
pub(crate) mod export;
pub(crate) mod health;
pub(crate) mod list;
pub(crate) mod names;
mod next_page;
pub(crate) mod one;
pub(crate) mod openapi;
pub(crate) mod pages;
pub(crate) mod projects;
pub(crate) mod stats;
pub(crate) mod stream;
pub(crate) mod values;
pub(crate) mod viewer_links;
