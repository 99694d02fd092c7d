//! A page of the guide, with the servers that its commands name.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;
use tracker_documents::block::blocks;
use tracker_tests::{
    ReservedPort,
    examples::{build_example, is_of_package, tracker_command, workspace},
    nats::NatsCluster,
    postgres::{ExclusiveServer, ServerOptions, binary},
};

use crate::{
    output::agrees,
    script::{Step, script, steps},
    shell::Shell,
};

/// The port of the pages, in place of which a test has one of its own.
const PORT: &str = "8080";

/// Runs the commands of a page.
///
/// # Panics
///
/// If one ends otherwise than the page says, or its output is another.
pub(crate) fn run(page: &str) {
    let port = ReservedPort::new().expect("a free port");
    let address = port.address();
    let text = fs::read_to_string(page).expect("the page can be read");
    let steps = steps(&blocks(&text.replace(PORT, &address.port().to_string())));
    assert!(
        steps.iter().any(Step::is_run),
        "the page runs none of its commands"
    );

    let workplace = Workplace::new();
    workplace.assert_is_shell(&steps);
    let script_file = workplace.outputs().join("script");
    fs::write(&script_file, script(&steps)).expect("the script can be written");
    let postgres = text
        .contains("$DATABASE_URL")
        .then(|| ExclusiveServer::new(&ServerOptions::default()));
    let nats = text.contains("$NATS_URL").then(NatsCluster::single);
    let mut command = workplace.shell();
    command
        .env("TRACKER_LISTEN", address.to_string())
        .envs(examples(&text).map(|folder| ("EXAMPLES", folder)))
        .envs(
            postgres
                .as_ref()
                .map(|server| ("DATABASE_URL", server.url())),
        )
        .envs(nats.as_ref().map(|cluster| ("NATS_URL", cluster.url())));
    let mut shell = Shell::start(&script_file, &mut command).expect("the shell starts");
    let status = shell.wait();
    for (index, step) in steps.iter().enumerate().filter(|(_, step)| step.is_run()) {
        let Some(output) = workplace.output(index) else {
            break;
        };
        let is_last = !status.success() && workplace.output(index + 1).is_none();
        assert!(!is_last, "{status}:\n{}\n{output}", step.commands);
        if let Some(shown) = &step.shown {
            assert!(
                agrees(shown, &output),
                "{}\nshown:\n{shown}\nreal:\n{output}",
                step.commands
            );
        }
    }
    assert!(status.success(), "{status}");
}

/// Builds the examples that a page runs, and returns the folder in which they are.
fn examples(page: &str) -> Option<PathBuf> {
    let commands = page.split("cargo run --example ").skip(1);
    let names: BTreeSet<&str> = commands
        .filter_map(|rest| rest.split_whitespace().next())
        .collect();
    let mut built = names
        .into_iter()
        .map(|name| build_example(name, workspace(), None));
    let folder = built.next()?.parent()?.to_owned();
    built.for_each(drop);
    Some(folder)
}

/// The folders of a page's commands. They end with the value.
struct Workplace {
    scratch: TempDir,
    outputs: TempDir,
}

impl Workplace {
    fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a temporary folder");
        Self {
            scratch: folder(),
            outputs: folder(),
        }
    }

    fn outputs(&self) -> &Path {
        self.outputs.path()
    }

    /// Returns what a step has written, if it was begun.
    fn output(&self, step: usize) -> Option<String> {
        let output = fs::read(self.outputs().join(step.to_string())).ok()?;
        Some(String::from_utf8_lossy(&output).into_owned())
    }

    /// Returns a shell in the scratch folder, with the programs of this workspace and of Postgres.
    fn shell(&self) -> Command {
        let folder = |program: &Path| program.parent().map(PathBuf::from);
        let own = [tracker_command().to_owned(), binary("psql")];
        let own = own.iter().filter_map(|program| folder(program));
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(own.chain(env::split_paths(&path))).expect("paths");
        let mut shell = Command::new("sh");
        shell
            .current_dir(&self.scratch)
            .env("PATH", path)
            .env("OUTPUTS", self.outputs())
            .env("GUIDE", workspace().join("docs/guide"))
            .env_remove("RUST_LOG")
            .env_remove("DATABASE_URL");
        let of_tests = |name: &str| {
            is_of_package(name) || name.starts_with("PG") || name.starts_with("TRACKER_")
        };
        for (variable, _) in env::vars_os() {
            if variable.to_str().is_some_and(of_tests) {
                shell.env_remove(variable);
            }
        }
        shell
    }

    /// Asserts that the shell can parse each step, also one that is not run.
    fn assert_is_shell(&self, steps: &[Step]) {
        for step in steps {
            let parsed = self.shell().args(["-n", "-c", &step.commands]).output();
            let parsed = parsed.expect("the shell starts");
            assert!(parsed.status.success(), "{}\n{parsed:?}", step.commands);
        }
    }
}
