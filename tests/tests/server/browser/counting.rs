//! The counts above the rows, which statistics and the stream make together.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use tracker_core::{PostgresStore, Status, Store};
use tracker_tests::{
    browser::{Held, Site, Timeline, at, numbered},
    postgres::TestDatabase,
};

use super::PAGE;

/// The number of visits to the page, of which every other one meets its stream late.
const ROUNDS: usize = 8;

/// The number of programs that write at once, and of the activities that each writes at a time.
const WRITERS: usize = 4;
const BATCH: usize = 5;

/// Keeps the greatest count that is ever shown.
const WATCH: &str = r#"
    const shown = () => Number((text("[part=total]") ?? "").replace(/\D/g, ""));
    window.highest = shown();
    new MutationObserver(() => (window.highest = Math.max(window.highest, shown())))
        .observe(one("[part=total]"), { childList: true, characterData: true, subtree: true });
"#;

/// Has several programs write at once, every third activity a failure.
async fn write(site: &Site, written: &AtomicUsize) {
    let writers = (0..WRITERS).map(async |_| {
        for _ in 0..BATCH {
            let number = written.fetch_add(1, Ordering::Relaxed);
            let mut activity = at(
                &format!("written-{number:05}"),
                ["deployment", "github_push"][number % 2],
                numbered(1)[0].created_at.unwrap_or_default(),
            );
            if number.is_multiple_of(3) {
                activity.status = Some(Status::Failure);
            }
            site.record(vec![activity]).await;
        }
    });
    join_all(writers).await;
}

/// Waits until the count is that of all activities, and asserts that it was never greater.
async fn counts(page: &Timeline, written: &AtomicUsize, round: usize) {
    let all = written.load(Ordering::Relaxed);
    let failed = all.div_ceil(3);
    let total = format!(
        "text('[part=total]') === '{all} activities' && text('[part=failures]') === '{failed} failed'"
    );
    page.until(&format!("all of round {round}: {all}"), &total)
        .await;
    let highest: usize = page.value("window.highest").await;
    assert!(highest <= all, "{highest} of {all} in round {round}");
    // The bars show the same.
    let bars = "all('.bar').map((bar) => Number(/: ([\\d,]+) activit/.exec(bar.ariaLabel)[1].replaceAll(',', ''))).reduce((sum, count) => sum + count, 0)";
    assert_eq!(page.value::<usize>(bars).await, all);
}

async fn counted_once(site: &Site) {
    let written = AtomicUsize::new(0);
    write(site, &written).await;
    let page = Timeline::open(site.address(), PAGE).await;
    for round in 0..ROUNDS {
        let held = [Held::Nowhere, Held::Before, Held::Nowhere, Held::Behind][round % 4];
        site.hold_streams(held);
        let reloads = async {
            page.reload().await;
            page.until("the bars", "all('.bar').length > 0").await;
            page.act(WATCH).await;
        };
        tokio::join!(reloads, write(site, &written));
        write(site, &written).await;
        tokio::join!(write(site, &written), async {
            site.hold_streams(Held::Nowhere);
            page.until("live", "live()").await;
        });
        write(site, &written).await;
        counts(&page, &written, round).await;
    }
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_in_sqlite_is_counted_once_however_late_the_stream_is() {
    counted_once(&Site::with(Vec::new()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_in_postgres_is_counted_once_however_late_the_stream_is() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    counted_once(&Site::over(store).await).await;
}

/// The stream waits for the transaction, and statistics do not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_long_transaction_keeps_from_the_stream_is_counted_all_the_same() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let client = database.connect().await;
    client
        .batch_execute("BEGIN; SELECT pg_current_xact_id()")
        .await
        .unwrap();
    let site = Site::over(store).await;
    let written = AtomicUsize::new(0);
    write(&site, &written).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.act(WATCH).await;
    counts(&page, &written, 0).await;
    write(&site, &written).await;
    client.batch_execute("COMMIT").await.unwrap();
    write(&site, &written).await;
    counts(&page, &written, 1).await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn activities_without_a_date_are_counted_apart() {
    let mut undated = numbered(30);
    for activity in &mut undated[..2] {
        activity.created_at = None;
    }
    // The year 82269 is on no calendar of the server.
    undated[2].created_at = Some(2_534_000_000_000_000);
    let site = Site::with(undated).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let total = |all: usize, undated: usize| {
        format!(
            "text('[part=total]') === '{all} activities' && text('[part=undated]') === '{undated} without a date'"
        )
    };
    page.until("all are counted", &total(30, 3)).await;
    let mut late = numbered(1);
    late[0].action_id = "late".to_owned();
    late[0].created_at = Some(2_534_000_000_000_001);
    site.record(late).await;
    page.until("what arrives as well", &total(31, 4)).await;
    page.was_quiet().await;
}
