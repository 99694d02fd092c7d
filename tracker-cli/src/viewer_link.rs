//! `tracker viewer-link`.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use clap::Args;
use tracker_server::ViewerKeys;

use super::{age::Age, failure::UsageError, filter::FilterArguments, output::print};

/// The shortest time until a link expires, since it does so in whole seconds.
const EXPIRES_IN_MIN: Duration = Duration::from_secs(1);

const EXAMPLES: &str = "\
Examples:
  tracker viewer-link --project project_7 --expires-in 7d --keys viewer-keys --url https://console.example.org
  tracker viewer-link --project project_7 --expires-in 30d --keys viewer-keys --action-type deployment --environment production

Whoever has the link sees what the filters let through, and nothing else, until it expires. The first key of the file signs; \
the server needs the same file, by serve --viewer-keys. Removing a key from there revokes its links.";

/// Makes a link that shows a part of a project to whoever has it
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The project
    #[arg(short, long, value_name = "ID")]
    project: String,
    /// After how long the link shows nothing, as in 7d or 12h
    #[arg(long, value_name = "TIME")]
    expires_in: Age,
    /// The file with the keys that sign links
    #[arg(
        long,
        value_name = "FILE",
        env = "TRACKER_VIEWER_KEYS",
        hide_env_values = true
    )]
    keys: PathBuf,
    /// Where the server is, with the path below which it is mounted; without it, the path alone is
    /// printed
    #[arg(long, value_name = "URL", default_value = "")]
    url: String,
    #[command(flatten)]
    filter: FilterArguments,
}

/// Prints the link. It reads no store, so it runs on any machine that has the keys.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let keys = ViewerKeys::read(&arguments.keys)?;
    if arguments.expires_in.0 < EXPIRES_IN_MIN {
        return Err(
            UsageError::new("the link would show nothing: let it expire in 1s or later").into(),
        );
    }
    let too_long = || UsageError::new("the link would expire in no calendar: give a shorter time");
    let expires_at = SystemTime::now().checked_add(arguments.expires_in.0);
    let expires_at = expires_at.ok_or_else(too_long)?;
    let link = keys
        .link(&arguments.project, arguments.filter.pairs(), expires_at)
        .map_err(|error| UsageError::with_source("the link can't be made", error))?;
    let base = arguments.url.trim_end_matches('/');
    Ok(print(&format!("{base}{}", link.path()))?)
}
