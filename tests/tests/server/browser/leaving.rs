//! The test support itself: it leaves nothing behind.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use tracker_tests::{browser::Browser, process::wait_until};

/// The maximum time for the clean-up after a process on a busy machine.
const CLEAN_UP_LIMIT: Duration = Duration::from_secs(30);

#[test]
fn a_killed_test_process_leaves_no_browser() {
    let mut process = Command::new(env!("CARGO_BIN_EXE_hold_browser"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let directory = lines.next().expect("a directory").unwrap();
    // This check proves that the later one looks in the right place.
    assert!(processes_of(&directory) > 3 && Path::new(&directory).is_dir());
    process.kill().unwrap();
    process.wait().unwrap();
    wait_until(CLEAN_UP_LIMIT, "the ended process left nothing", || {
        processes_of(&directory) == 0 && !Path::new(&directory).exists()
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_that_panics_leaves_no_browser() {
    let (send, directory) = tokio::sync::oneshot::channel();
    let test = tokio::spawn(async {
        let browser = Browser::start().await;
        send.send(browser.directory().to_owned()).unwrap();
        panic!("as a failing test does");
    });
    assert!(test.await.unwrap_err().is_panic());
    let directory = directory.await.unwrap();
    assert!(!directory.exists());
    assert_eq!(processes_of(&directory.display().to_string()), 0);
}

/// Returns the number of processes that name a directory in their arguments.
fn processes_of(directory: &str) -> usize {
    let processes = fs::read_dir("/proc").unwrap();
    processes
        .filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok())
        .filter(|arguments| String::from_utf8_lossy(arguments).contains(directory))
        .count()
}
