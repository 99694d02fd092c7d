//! The list of projects that a reader may see, with the numbers of each.

mod confined;
mod listing;
mod summaries;

pub(crate) use self::{
    listing::{Listed, list},
    summaries::Summaries,
};
