//! A real browser with the timeline.
//!
//! - [`Site`] serves the API and the page from the test's own process.
//! - [`Timeline`] is its page in a browser of the test's own, which starts with an empty profile,
//!   in UTC and in English: Chromium, or another [`Kind`].
//!
//! The driver, the browser, its display and all that they write are guarded by a process that
//! removes them however the test ends. Nothing is waited for by time: [`Timeline::until`] asks the
//! page until it says yes.
//!
//! Every helper panics if its test has failed already.

#![expect(clippy::missing_panics_doc, reason = "as said above")]

mod axe;
mod chromium;
mod command;
mod complaint;
mod console;
mod driver;
mod embedding;
mod kind;
mod pictures;
mod rows;
mod session;
mod site;
mod timeline;
mod viewer;
mod windows;

pub use self::{
    complaint::Complaint,
    embedding::Embedding,
    kind::Kind,
    pictures::{keep_picture, keep_readme_picture},
    rows::{PROJECT, TUESDAY, at, numbered, realistic},
    session::{Browser, NARROW, WIDE},
    site::{Held, Site},
    timeline::{Edge, Timeline},
    viewer::{Scheme, Viewer},
};
