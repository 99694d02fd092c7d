//! The commands of README.md and of the guide's pages, run in their order on real servers. Each
//! page is a test by its name.

mod output;
mod page;
mod script;
mod shell;

include!(concat!(env!("OUT_DIR"), "/commands.rs"));
