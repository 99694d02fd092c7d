//! The command `tracker`.

use clap::Parser;

/// Who did what: reads, follows and keeps the activities that tracker-core records.
#[derive(Parser)]
#[command(name = "tracker", version)]
struct Arguments {}

fn main() {
    Arguments::parse();
}
