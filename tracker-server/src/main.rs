//! The command `tracker`, for operators; `tracker --help` explains it.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
