//! Many worker processes that publish at the same time: [`Workers`].
//!
//! Worker `w` records the activities `w 0`, `w 1`, … in turn in the projects of [`project_of`]. So
//! each timeline has activities of many workers, and shows missing ones.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io::Write as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::server::Watchdog;

/// The number of projects.
const PROJECTS: u64 = 20;

/// Returns the project of a worker's activity of this number.
#[must_use]
pub fn project_of(worker: u64, number: u64) -> String {
    format!("project_{}", (worker + number) % PROJECTS)
}

/// Returns the details of an activity.
#[must_use]
pub fn details_of(worker: u64, number: u64) -> String {
    format!("{worker} {number}")
}

/// Processes of `publishing_worker`. They record until they are told to end, and end at once when
/// their parent has ended.
///
/// They share a directory of journals, which is removed with the value, or when the test process
/// ends in any other way.
pub struct Workers {
    processes: Vec<Child>,
    _journals: Watchdog,
}

impl Workers {
    /// Starts `count` processes of this program, each of which records this number of activities a
    /// second.
    ///
    /// # Panics
    ///
    /// If they can't be started.
    #[must_use]
    pub fn start(program: &Path, workers: u64, per_second: u64, store: &str) -> Self {
        let journals = Watchdog::start("journals").expect("a directory");
        let start = |worker: u64| {
            Command::new(program)
                .arg(journals.directory())
                .args([worker.to_string(), per_second.to_string()])
                .env("TRACKER_STORE", store)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("a worker starts")
        };
        Self {
            processes: (0..workers).map(start).collect(),
            _journals: journals,
        }
    }

    /// Tells all to end, waits until they have, and returns the number of activities of each.
    ///
    /// # Panics
    ///
    /// If one fails, because not all of its activities were stored.
    #[must_use]
    pub fn end(mut self) -> Recorded {
        // The handles are kept until all have ended, because the end of their input would end them
        // at once.
        let mut inputs = Vec::new();
        for process in &mut self.processes {
            let mut stdin = process.stdin.take().expect("it is piped");
            // A failed worker does not read it, and is found below.
            let _ = writeln!(stdin, "end");
            inputs.push(stdin);
        }
        let mut failures = String::new();
        let mut recorded = Vec::new();
        for (worker, process) in self.processes.drain(..).enumerate() {
            let output = process.wait_with_output().expect("it can be waited for");
            let said = String::from_utf8_lossy(&output.stdout);
            match said.trim().parse() {
                Ok(count) if output.status.success() => recorded.push(count),
                _ => {
                    let _ = writeln!(failures, "worker {worker}: {}: {said}", output.status);
                }
            }
        }
        assert!(failures.is_empty(), "{failures}");
        Recorded(recorded)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // The worker has ended, or ends now.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// The number of activities of each worker.
#[derive(Debug)]
pub struct Recorded(Vec<u64>);

impl Recorded {
    /// Returns the sum.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Returns the least number of one worker.
    #[must_use]
    pub fn least(&self) -> u64 {
        self.0.iter().copied().min().unwrap_or_default()
    }

    /// Returns the activities that each timeline must have, by project.
    #[must_use]
    pub fn timelines(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut timelines: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (worker, count) in (0..).zip(&self.0) {
            for number in 0..*count {
                let timeline = timelines.entry(project_of(worker, number)).or_default();
                timeline.insert(details_of(worker, number));
            }
        }
        timelines
    }
}
