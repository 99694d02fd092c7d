//! `tracker actions`.

use clap::Args;
use tracker_core::{ActionSet, ActionType};

use super::output::Output;

const EXAMPLES: &str = "\
Examples:
  tracker actions
  tracker list --project project_7 --action-type deployment

Teams have action types of their own beside these; what is in the store, each activity tells.";

/// Lists the built-in action types, with their labels
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// As JSON, one action type on each line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut output = Output::new();
    let names = ActionType::ACTIONS.iter().map(|action| action.name.len());
    let width = names.max().unwrap_or(0);
    for action in ActionType::ACTIONS {
        if arguments.json {
            let action = serde_json::json!({ "name": action.name, "label": action.label });
            output.json(&action)?;
        } else {
            output.line(&format!("{:width$}  {}", action.name, action.label))?;
        }
    }
    Ok(output.flush()?)
}
