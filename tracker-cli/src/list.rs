//! `tracker list`.

use anyhow::Context as _;
use clap::Args;
use tracker_core::timeline::{Order, Query};

use super::{
    failure::note,
    filter::FilterArguments,
    limit::LimitArguments,
    pages::Pages,
    printer::{FormArguments, Printer},
    settings::Settings,
};

const EXAMPLES: &str = "\
Examples:
  tracker list --project project_7
  tracker list --project project_7 --action-type deployment --status failure --since 2days
  tracker list --project project_7 --reference deployment_id:deploy_xyz789
  tracker list --project project_7 --all --oldest | jq -r .action_details
  tracker list --since 1h --status failure                 what failed lately, in all projects

A terminal gets a table, with times in UTC; anything else gets a line of JSON for each activity, under the names of the columns.";

/// Lists what was done in a project or in all, the newest first
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Of this project alone
    #[arg(short, long, value_name = "ID")]
    project: Option<String>,
    #[command(flatten)]
    limit: LimitArguments,
    /// The oldest first
    #[arg(long)]
    oldest: bool,
    #[command(flatten)]
    form: FormArguments,
    #[command(flatten)]
    filter: FilterArguments,
}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    let store = settings.open()?;
    let order = if arguments.oldest {
        Order::Oldest
    } else {
        Order::Newest
    };
    let project = arguments.project.as_deref();
    let query = Query::from(arguments.filter.of(project)).order(order);
    let mut pages = Pages::new(&*store, query, arguments.limit.most());
    let mut printer = Printer::new(arguments.form, project.is_none());
    let mut count = 0;
    while let Some(activities) = pages.next().await.with_context(|| match project {
        Some(project) => format!("can't list the activities of {project}"),
        None => "can't list the activities".to_owned(),
    })? {
        count += activities.len();
        printer.print(&activities)?;
    }
    if printer.is_table() {
        if count == 0 {
            note(&format!("no such activities in {}", store.describe()));
        } else if pages.has_more {
            note("there are more: --limit N, or --all");
        }
    }
    Ok(())
}
