//! `tracker migrate`.

use anyhow::Context as _;
use clap::Args;

use super::{output::print, settings::Settings};

const EXAMPLES: &str = "\
Examples:
  tracker migrate                     make or update the table in ./tracker.db
  tracker --store postgres://owner@db.example.org/app migrate
  tracker migrate --check             whether activities can be written; exit code 1 if not

Any number of processes may migrate at once, and again. A Postgres must be reached directly, not through a pooler, by a role
that owns the table and may create in its schema. Indexes are built without blocking those who write.";

/// Makes the table, or brings it up to date; keeps every row
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Changes nothing, and tells whether activities could be written now, with this role
    #[arg(long)]
    check: bool,
}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    if arguments.check {
        let store = settings.open()?;
        store
            .check()
            .await
            .with_context(|| format!("{} is not ready", store.describe()))?;
        return Ok(print(&format!("{} is ready", store.describe()))?);
    }
    let store = settings.open_or_make()?;
    let applied = store.migrate().await?;
    for name in &applied {
        print(&format!("applied {name}"))?;
    }
    Ok(print(&format!("{} is up to date", store.describe()))?)
}
