//! The examples and the command, as programs that are built. The worker runs in a directory of its
//! own.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The root of the workspace.
#[must_use]
pub fn workspace() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

/// Builds an example of the workspace in `root`, and returns its path. With `target` it is built
/// there, otherwise in cargo's own folder.
///
/// # Panics
///
/// When it can't be built.
#[must_use]
pub fn build_example(name: &str, root: &Path, target: Option<&Path>) -> PathBuf {
    let arguments = ["--package", "tracker-core", "--example", name];
    build(&arguments, name, root, target)
}

/// Builds a program of the packages in `examples/`, and returns its path.
///
/// # Panics
///
/// When it can't be built.
#[must_use]
pub fn example_program(name: &str) -> PathBuf {
    // The same packages each time have the same features, so what they share is built once.
    let packages = [
        "tracker-cli",
        "tracker-tests",
        "example-axum-embedded",
        "example-jobs",
        "example-nats",
    ];
    let packages = packages.iter().flat_map(|package| ["--package", package]);
    let arguments: Vec<_> = packages.chain(["--bin", name]).collect();
    build(&arguments, name, workspace(), None)
}

/// Builds the program of a package in `examples/` that is a workspace of its own, and returns its
/// path.
///
/// # Panics
///
/// When it can't be built.
#[must_use]
pub fn standalone_example(name: &str) -> PathBuf {
    let root = workspace().join("examples").join(name);
    // One folder for all workspaces, so that what two of them have is built once.
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    build(&["--bin", name], name, &root, Some(&target))
}

/// Returns the path of the command `tracker`, built by the first test of the process that asks for
/// it.
///
/// # Panics
///
/// When it can't be built.
#[must_use]
pub fn tracker_command() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    // The features are those of the tests, so that the command shares their artifacts.
    let packages = ["--package", "tracker-cli", "--package", "tracker-tests"];
    let arguments = [&packages[..], &["--bin", "tracker"]].concat();
    BUILT.get_or_init(|| build(&arguments, "tracker", workspace(), None))
}

/// Builds a program by cargo, and returns its path.
fn build(arguments: &[&str], name: &str, root: &Path, target: Option<&Path>) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--locked"])
        .args(arguments)
        .args(["--message-format", "json"])
        .current_dir(root)
        .stderr(Stdio::inherit());
    if let Some(target) = target {
        cargo.arg("--target-dir").arg(target);
    }
    for (variable, _) in env::vars_os() {
        if variable.to_str().is_some_and(is_of_package) {
            cargo.env_remove(variable);
        }
    }
    let output = cargo.output().expect("cargo starts");
    assert!(output.status.success(), "{name} could not be built");
    let messages = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| Some(PathBuf::from(message["executable"].as_str()?)));
    executable.expect("cargo tells where the program is")
}

/// Returns true if cargo sets this variable for the tests of a package. To a cargo inside of them
/// it would look like a change to build scripts of other packages, which would be built again.
#[must_use]
pub fn is_of_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "OUT_DIR"]
        .iter()
        .any(|beginning| variable.starts_with(beginning))
}

/// Returns the path of the workspace's own worker.
fn tracked_worker() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build_example("worker", workspace(), None))
}

/// A directory in which a worker runs. It ends with the value.
pub struct Workplace {
    directory: TempDir,
    program: PathBuf,
}

impl Workplace {
    /// Creates a workplace for the workspace's own worker.
    ///
    /// # Panics
    ///
    /// When the worker can't be built or the directory not be made.
    #[must_use]
    pub fn new() -> Self {
        Self::for_program(tracked_worker())
    }

    /// Creates a workplace for a worker that was built elsewhere.
    ///
    /// # Panics
    ///
    /// When the directory can't be made.
    #[must_use]
    pub fn for_program(program: &Path) -> Self {
        Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
            program: program.to_owned(),
        }
    }

    /// Returns the directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Returns the worker's command line, with `DATABASE_URL` if there is one. Its files go into
    /// the directory.
    #[must_use]
    pub fn command(&self, database_url: Option<&str>) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args([
                OsStr::new("--workdir"),
                self.path().join("jobs").as_os_str(),
            ])
            .current_dir(self.path())
            .env_remove("DATABASE_URL")
            .env_remove("RUST_LOG")
            .envs(database_url.map(|url| ("DATABASE_URL", url)))
            .stdin(Stdio::null());
        command
    }

    /// Runs the worker to its end.
    ///
    /// # Panics
    ///
    /// When it can't be started.
    #[must_use]
    pub fn run(&self, database_url: Option<&str>) -> Run {
        Run::from(
            self.command(database_url)
                .output()
                .expect("the worker starts"),
        )
    }

    /// Starts the worker.
    ///
    /// # Panics
    ///
    /// When it can't be started.
    #[must_use]
    pub fn start(&self, database_url: Option<&str>, request: &Path) -> Child {
        self.command(database_url)
            .arg("--request")
            .arg(request)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the worker starts")
    }
}

impl Default for Workplace {
    fn default() -> Self {
        Self::new()
    }
}

/// The outcome of a worker.
#[derive(Debug)]
pub struct Run {
    /// True if its exit code was 0.
    pub success: bool,
    /// The output on stdout.
    pub stdout: String,
    /// The log on stderr.
    pub stderr: String,
}

impl Run {
    /// Returns the lines about the job, without the timeline after them.
    #[must_use]
    pub fn job(&self) -> Vec<&str> {
        let lines = self.stdout.lines();
        lines.take_while(|line| !line.is_empty()).collect()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
