//! The options for how much is listed.

use clap::Args;

/// The options.
#[derive(Args)]
pub(crate) struct LimitArguments {
    /// At most so many
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        default_value_t = 50,
        value_parser = clap::value_parser!(u64).range(1..),
        conflicts_with = "all"
    )]
    limit: u64,
    /// All there are
    #[arg(short, long)]
    all: bool,
}

impl LimitArguments {
    /// Returns the largest number of what is listed.
    pub(crate) fn most(&self) -> u64 {
        if self.all { u64::MAX } else { self.limit }
    }
}
