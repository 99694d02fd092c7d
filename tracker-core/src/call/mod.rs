//! One call of a tracked function, in the order in which things happen.
//!
//! ```text
//! capture ─► the body ─► outcome ─► fill ─► record ─► Tracker
//!            └ guard, from the entry on, with `record = "always"`
//! ```
//!
//! [`capture`] reads what the body may move. [`guard`] watches the body, where each end of it is
//! recorded. [`outcome`] tells a success from a failure. [`fill`] writes the [`text`] of each value
//! into a draft, in a [`way`] that its type decides on. [`record`] gives the draft to the tracker.
//! [`register`] lists the function.

pub(crate) mod capture;
pub(crate) mod fill;
pub(crate) mod guard;
pub(crate) mod outcome;
pub(crate) mod record;
mod register;
pub(crate) mod text;
pub(crate) mod way;
