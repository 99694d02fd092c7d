//! `tracker tail`.

mod follow;
mod shown;

use anyhow::Context as _;
use clap::Args;
use tracker_core::timeline::Query;

use self::follow::Follower;
use super::{
    filter::FilterArguments,
    pages::Pages,
    printer::{FormArguments, Printer},
    settings::Settings,
};

const EXAMPLES: &str = "\
Examples:
  tracker tail --project project_7                                 the last 20
  tracker tail --project project_7 --follow                        and what comes
  tracker tail --project project_7 -f -n 0 --status failure --since 1h
  tracker tail --project project_7 -f --json | jq .action_details

With --follow, each activity is shown once, as it comes into the store, however late that is; Ctrl-C ends it. A store that goes \
away is waited for; one that is another when it is back, because a backup was restored for instance, is said to be. In Postgres each look reads the project's activities: in one with millions of them, --since bounds that.";

/// Shows what was done last in a project, the oldest first, and what is being done
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The project
    #[arg(short, long, value_name = "ID")]
    project: String,
    /// Goes on with what comes
    #[arg(short, long)]
    follow: bool,
    /// How many of the last to begin with
    #[arg(short = 'n', long = "lines", value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(..=100_000))]
    lines: u32,
    #[command(flatten)]
    form: FormArguments,
    #[command(flatten)]
    filter: FilterArguments,
}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    let store = settings.open()?;
    let project = &arguments.project;
    let cannot_read = || format!("can't read the activities of {project}");
    let filter = arguments.filter.of(Some(project));
    let mut follower = Follower::new(&*store, project, filter.clone(), arguments.filter.since);
    if arguments.follow {
        // Activities that arrive while the last ones are read are after this place.
        follower.begin().await.with_context(cannot_read)?;
    }

    let mut pages = Pages::new(&*store, Query::from(filter), arguments.lines.into());
    let mut last = Vec::new();
    while let Some(page) = pages.next().await.with_context(cannot_read)? {
        last.extend(page);
    }
    last.reverse();
    let mut printer = Printer::new(arguments.form, false);
    printer.print(&last)?;
    if !arguments.follow {
        return Ok(());
    }
    follower.is_known(&last);
    drop(last);
    tokio::select! {
        ended = follower.follow(|activities| printer.print(activities)) => ended,
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    }
}
