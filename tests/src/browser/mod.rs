//! A real browser with the timeline.
//!
//! - [`Site`] serves the API and the page from the test's own process.
//! - [`Timeline`] is its page in a headless Chromium of the test's own, which starts with an empty
//!   profile, in UTC and in English.
//!
//! Chromedriver, the browser and all that they write are guarded by a process that removes them
//! however the test ends. Nothing is waited for by time: [`Timeline::until`] asks the page until it
//! says yes.
//!
//! Every helper panics if its test has failed already.

#![expect(clippy::missing_panics_doc, reason = "as said above")]

mod axe;
mod chromium;
mod command;
mod driver;
mod embedding;
mod pictures;
mod rows;
mod site;
mod timeline;

pub use self::{
    chromium::{Browser, NARROW, Scheme, WIDE},
    embedding::Embedding,
    pictures::{keep_picture, keep_readme_picture},
    rows::{PROJECT, at, numbered, realistic},
    site::{Held, Site},
    timeline::Timeline,
};
