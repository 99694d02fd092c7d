//! A place in which a test runs `tracker`, and the outcome of a run.

use std::{
    collections::{HashMap, HashSet},
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
};

use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tracker_core::{ActionType, Activity, Store};
use tracker_tests::postgres::TestDatabase;

/// The directory and the store of one test.
pub(crate) struct Place {
    directory: TempDir,
    url: String,
    _database: Option<TestDatabase>,
}

impl Place {
    /// Creates a place with an SQLite file that does not exist yet.
    pub(crate) fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("tracker.db").display());
        Self {
            directory,
            url,
            _database: None,
        }
    }

    /// Creates a place with the store at this URL.
    pub(crate) fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..Self::sqlite()
        }
    }

    /// Creates a place with each kind of store, migrated.
    pub(crate) async fn of_each_kind() -> [Self; 2] {
        let database = TestDatabase::create().await;
        let postgres = Self {
            url: database.url().to_owned(),
            _database: Some(database),
            ..Self::sqlite()
        };
        let places = [Self::sqlite(), postgres];
        for place in &places {
            place.store().migrate().await.unwrap();
        }
        places
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        tracker_core::store::open(&self.url).unwrap()
    }

    pub(crate) async fn write(&self, activities: Vec<Activity>) {
        self.store().write(activities.into()).await.unwrap();
    }

    /// Returns the command `tracker` with these arguments, and with the store in its environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tracker"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("COLUMNS", "100")
            .env("TRACKER_STORE", &self.url)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    /// Runs `tracker` with an input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &[u8]) -> Run {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // The process may end before it has read everything.
        let _ = stdin.write_all(input);
        drop(stdin);
        child.wait_with_output().unwrap().into()
    }

    /// What a terminal of 110 columns shows, in which somebody types `input`.
    pub(crate) fn in_terminal(&self, arguments: &str, input: &str) -> Run {
        self.in_terminal_of(110, arguments, input)
    }

    /// What a terminal of so many columns shows, in which somebody types `input`.
    pub(crate) fn in_terminal_of(&self, columns: usize, arguments: &str, input: &str) -> Run {
        let tracker = env!("CARGO_BIN_EXE_tracker");
        let line = format!("stty cols {columns} rows 40; exec {tracker} {arguments}");
        let mut child = Command::new("script")
            .args(["-qec", &line, "/dev/null"])
            .current_dir(self.path())
            .env("TRACKER_STORE", &self.url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        let mut run = Run::from(child.wait_with_output().unwrap());
        run.stdout = run.stdout.replace('\r', "");
        run
    }
}

/// The exit code and the output of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Run {
    /// Asserts that the run succeeded without a complaint, and returns its output.
    #[track_caller]
    pub(crate) fn printed(self) -> String {
        assert_eq!((self.code, &*self.stderr), (Some(0), ""), "{self:?}");
        self.stdout
    }

    /// Asserts that the run failed with this exit code, and returns its error output.
    #[track_caller]
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!((self.code, &*self.stdout), (Some(code), ""), "{self:?}");
        self.stderr
    }

    /// Asserts that the run succeeded, and returns the activities that it printed.
    #[track_caller]
    pub(crate) fn activities(self) -> Vec<Activity> {
        parsed(&self.printed())
    }
}

/// Returns the values of lines of JSON.
pub(crate) fn parsed<T: DeserializeOwned>(lines: &str) -> Vec<T> {
    let lines = lines.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Returns a deployment in `project_7`, with an ID and a time made of its number.
pub(crate) fn numbered(number: i64) -> Activity {
    let mut activity = Activity::new(ActionType::Deployment)
        .project_id("project_7")
        .user_id("user_42")
        .details(format!("deployed api:{number}"))
        .reference("deployment_id", format!("deploy_{number}"));
    activity.action_id = format!("{number:06}");
    activity.created_at = Some(1_795_507_291_000 + number);
    activity
}

pub(crate) fn ids(activities: &[Activity]) -> Vec<&str> {
    activities.iter().map(|row| &*row.action_id).collect()
}

/// Goes over every line of a page of figures: each figure is one whose meaning and kind are told
/// before, no summary is among them, and there is one that begins with `prefix`.
#[track_caller]
pub(crate) fn described(page: &str, prefix: &str) {
    let (mut helped, mut kinds) = (HashSet::new(), HashMap::new());
    let mut figures = 0;
    for line in page.lines().filter(|line| !line.is_empty()) {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, meaning) = help.split_once(' ').expect("a meaning");
            assert!(meaning.ends_with('.'), "{line}");
            assert!(helped.insert(name), "{line} is there twice");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a kind");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(kinds.insert(name, kind).is_none(), "{line} is there twice");
        } else {
            let name = line.split(['{', ' ']).next().expect("a name");
            let parts = ["_bucket", "_sum", "_count"].iter();
            let histogram = parts
                .filter_map(|part| name.strip_suffix(part))
                .find(|name| kinds.get(name) == Some(&"histogram"));
            let name = histogram.unwrap_or(name);
            assert!(kinds.contains_key(name) && helped.contains(name), "{line}");
            let (_, value) = line.rsplit_once(' ').expect("a value");
            assert!(value.parse::<f64>().is_ok(), "{line}");
            figures += usize::from(name.starts_with(prefix));
        }
    }
    assert!(figures > 0, "no {prefix} in {page}");
}
