//! The floors of a crate: its modules as each stands on others, without circles.
//!
//! [`Crate::read`] reads a crate's files and resolves their paths, and [`Crate::circles`] finds
//! the modules that need each other.

mod body;
mod circles;
mod graph;
mod imports;
mod item;
mod mention;
mod resolve;
mod test_only;
mod tokens;
mod tree;
mod uses;

pub use self::{
    circles::{Circle, Step},
    tree::ReadFile,
    uses::Crate,
};
