//! The test support itself: it leaves nothing behind.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use tracker_tests::{
    browser::{Browser, Kind},
    process::wait_until,
};

/// The maximum time for the clean-up after a process on a busy machine.
const CLEAN_UP_LIMIT: Duration = Duration::from_secs(30);

#[test]
fn a_killed_test_process_leaves_no_browser() {
    leaves_nothing(Kind::Chromium);
}

#[test]
fn a_killed_test_process_leaves_no_firefox() {
    leaves_nothing(Kind::Firefox);
}

#[test]
fn a_killed_test_process_leaves_no_webkit_and_no_display() {
    leaves_nothing(Kind::WebKit);
}

fn leaves_nothing(kind: Kind) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_hold_browser"))
        .arg(kind.name())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let directory = lines.next().expect("a directory").unwrap();
    // This check proves that the later one looks in the right place.
    assert!(processes_of(&directory) > 3 && Path::new(&directory).is_dir());
    let display = display_of(&directory);
    assert_eq!(display.is_some(), kind == Kind::WebKit);
    process.kill().unwrap();
    process.wait().unwrap();
    wait_until(CLEAN_UP_LIMIT, "the ended process left nothing", || {
        processes_of(&directory) == 0 && !Path::new(&directory).exists()
    });
    if let Some((socket, made)) = display {
        // Another test's display may have taken the number since.
        assert_ne!(made_at(&socket), Some(made), "{}", socket.display());
    }
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

/// Returns the path of the socket of the display that a directory's browser has, and when it was
/// made.
fn display_of(directory: &str) -> Option<(PathBuf, SystemTime)> {
    let number = fs::read_to_string(Path::new(directory).join("display.number")).ok()?;
    let socket = PathBuf::from(format!("/tmp/.X11-unix/X{}", number.trim_end()));
    let made = made_at(&socket).expect("a socket");
    Some((socket, made))
}

fn made_at(socket: &Path) -> Option<SystemTime> {
    fs::metadata(socket).ok()?.modified().ok()
}

/// Returns the number of processes that have a directory as their home.
fn processes_of(directory: &str) -> usize {
    let home = format!("HOME={directory}\0").into_bytes();
    let processes = fs::read_dir("/proc").unwrap();
    processes
        .filter_map(|entry| fs::read(entry.ok()?.path().join("environ")).ok())
        .filter(|variables| variables.windows(home.len()).any(|part| part == home))
        .count()
}
