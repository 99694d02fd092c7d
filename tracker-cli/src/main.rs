//! The command `tracker` for operators; `tracker --help` explains it.
//!
//! Each command has a file of its own.

#![expect(
    clippy::doc_markdown,
    reason = "clap prints the documentation of arguments as it is, without Markdown"
)]

mod actions;
mod age;
mod bar;
mod columns;
mod completions;
mod compress;
mod configuration;
mod confirm;
mod dead_letters;
mod export;
mod failure;
mod filter;
mod formulas;
mod import;
mod journal;
mod limit;
mod list;
mod listen;
mod log;
mod metrics_page;
mod migrate;
mod moment;
mod nats;
mod new_file;
mod number;
mod options;
mod output;
mod pages;
mod partitions;
mod printer;
mod projects;
mod prune;
mod relay;
mod secrets;
mod serve;
mod settings;
mod signals;
mod store_name;
mod table;
mod tail;
mod toml_file;
mod viewer_link;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser, Subcommand};
use mimalloc::MiMalloc;

use self::settings::{GlobalOptions, Settings};

/// A page that is served has hundreds of texts. The store allocates them on its thread, and others
/// free them, which takes this allocator less time than that of glibc.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const EXAMPLES: &str = "\
Examples:
  tracker migrate                                    make the table, or bring it up to date
  tracker projects                                   the projects that have activities
  tracker list --project project_7                   what was done last
  tracker tail --project project_7 --follow          what is being done now
  tracker export -o activities.jsonl                 everything, to be imported elsewhere
  tracker prune --older-than 90d --dry-run           how much is older than 90 days

The store is an SQLite file (tracker.db) or a Postgres (postgres://user@host/database). \
The store, the schema, and the options of serve and of prune can be in the configuration file, under their long names:

  store = \"postgres://tracker@db.example.org/app\"

  [serve]
  listen = \"0.0.0.0:8080\"

A flag wins over the environment, and that over the file.
Exit codes: 0 done; 1 failed, or a question was not answered with yes; 2 called with something that can't be meant; 3 done in part, and what was left out is told.";

/// Who did what: reads, follows, keeps and serves the activities that tracker-core records.
#[derive(Parser)]
#[command(
    name = "tracker",
    version,
    after_long_help = EXAMPLES,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 110
)]
struct Arguments {
    #[command(flatten)]
    global: GlobalOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Migrate(migrate::Arguments),
    Serve(serve::Arguments),
    Projects(projects::Arguments),
    List(list::Arguments),
    Tail(tail::Arguments),
    Export(export::Arguments),
    Import(import::Arguments),
    Prune(prune::Arguments),
    Partitions(partitions::Arguments),
    Journal(journal::Arguments),
    Nats(nats::Arguments),
    Relay(relay::Arguments),
    ViewerLink(viewer_link::Arguments),
    Actions(actions::Arguments),
    Completions(completions::Arguments),
    Man(completions::ManArguments),
}

fn main() -> ExitCode {
    let done = match Arguments::try_parse() {
        Ok(arguments) => run(arguments),
        Err(error) => return failure::usage(&error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { global, command } = arguments;
    let is_server = matches!(command, Command::Serve(_) | Command::Relay(_));
    log::start(global.verbose, is_server);
    match command {
        // These commands need neither a store nor a configuration, which may not exist yet.
        Command::Actions(arguments) => return actions::run(&arguments),
        Command::ViewerLink(arguments) => return viewer_link::run(&arguments),
        Command::Completions(arguments) => {
            return completions::run(&arguments, Arguments::command());
        }
        Command::Man(arguments) => return completions::run_man(&arguments, Arguments::command()),
        _ => {}
    }
    let settings = Settings::new(global)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("can't start the threads of this program: raise the limit of threads")?;
    let done = runtime.block_on(run_with_store(command, settings));
    // A pending read of the input must not keep the program from ending.
    runtime.shutdown_background();
    done
}

async fn run_with_store(command: Command, settings: Settings) -> anyhow::Result<()> {
    match command {
        Command::Migrate(arguments) => migrate::run(arguments, &settings).await,
        Command::Serve(arguments) => {
            let arguments = arguments.or(settings.configuration.serve.clone());
            serve::run(arguments, &settings).await
        }
        Command::Projects(arguments) => projects::run(arguments, &settings).await,
        Command::List(arguments) => list::run(arguments, &settings).await,
        Command::Tail(arguments) => tail::run(arguments, &settings).await,
        Command::Export(arguments) => export::run(arguments, &settings).await,
        Command::Import(arguments) => import::run(arguments, &settings).await,
        Command::Prune(arguments) => {
            let arguments = arguments.or(&settings.configuration.prune);
            prune::run(arguments, &settings).await
        }
        Command::Partitions(arguments) => partitions::run(arguments, &settings).await,
        Command::Journal(arguments) => journal::run(arguments, &settings).await,
        Command::Nats(arguments) => nats::run(arguments, &settings).await,
        Command::Relay(arguments) => Box::pin(relay::run(arguments, &settings)).await,
        Command::ViewerLink(_)
        | Command::Actions(_)
        | Command::Completions(_)
        | Command::Man(_) => Ok(()),
    }
}
