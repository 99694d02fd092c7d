//! The log of a tracker with a journal. There is one test because the tracker's thread logs to the
//! program's only subscriber.

use std::time::Duration;

use tracing::Level;
use tracker_core::Journal;
use tracker_tests::{
    journals::{LIMIT, away, numbered},
    log::Log,
    process::wait_until,
    quick::quick,
};

/// Returns the lines that contain a text.
fn lines<'a>(text: &'a str, what: &str) -> Vec<&'a str> {
    text.lines().filter(|line| line.contains(what)).collect()
}

fn attempts(line: &str) -> u64 {
    let (_, number) = line.split_once("attempts=").unwrap();
    number.split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_outage_is_one_series_in_the_log_though_the_journal_is_full_and_says_what_is_adopted_and_left()
 {
    let log = Log::default();
    tracing::subscriber::set_global_default(log.subscriber(Level::INFO)).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let store = away();
    let tracker = quick(store.clone())
        .journal(Journal::new(directory.path()).bytes_max(64 << 10))
        .build()
        .unwrap();
    for number in 0..2_000 {
        tracker.record(numbered(number));
    }
    // The journal is retried each second meanwhile.
    wait_until(LIMIT, "the store is asked again and again", || {
        store.checks() > 3_000
    });
    store.come_back();
    tracker.flush().await;
    let text = log.text();
    let failed = lines(&text, "could not be written yet");
    assert!((2..=14).contains(&failed.len()), "{text}");
    let attempts: Vec<_> = failed.iter().map(|line| attempts(line)).collect();
    assert!(attempts.is_sorted_by(|one, next| one < next), "{text}");
    assert_eq!(lines(&text, "written again").len(), 1, "{text}");
    let full = lines(&text, "the journal has reached its limit of 65536 bytes");
    assert!((1..=5).contains(&full.len()), "{text}");
    tracker.shutdown(LIMIT).await;

    store.go_away();
    let tracker = quick(store.clone())
        .journal(directory.path())
        .build()
        .unwrap();
    tracker.record_durable(numbered(0)).await;
    let left = tracker.shutdown(Duration::ZERO).await.journaled;
    assert_eq!(left, 1);
    let text = log.text();
    let left = lines(&text, "activities stay in the journal");
    assert!(
        left.len() == 1 && left[0].contains("rows=1") && left[0].contains("journal-0.db"),
        "{text}"
    );
    store.come_back();
    let tracker = quick(store.clone())
        .journal(directory.path())
        .build()
        .unwrap();
    tracker.shutdown(LIMIT).await;
    let text = log.text();
    let adopted = lines(&text, "adopted activities that an ended process left");
    assert!(
        adopted.len() == 1 && adopted[0].contains("rows=1"),
        "{text}"
    );

    // Without room anywhere, the deadline ends the shutdown.
    store.go_away();
    let tracker = quick(store).build().unwrap();
    tracker.record(numbered(0));
    tracker.shutdown(Duration::ZERO).await;
    let text = log.text();
    let lost = lines(
        &text,
        "activities are lost: the deadline of the shutdown came before",
    );
    assert_eq!(lost.len(), 1, "{text}");
}
