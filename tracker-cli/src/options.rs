//! The options that a command line and the configuration file share.

pub(crate) mod prune;
pub(crate) mod serve;
