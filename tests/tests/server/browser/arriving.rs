//! Activities that arrive while somebody looks, also after an outage.

use tracker_core::{PostgresStore, Store};
use tracker_tests::{
    browser::{Site, Timeline, at, numbered},
    postgres::TestDatabase,
    proxy::{Proxy, Weather},
};

use super::PAGE;

/// New activities are inserted if the viewer is at the top, and announced otherwise.
async fn arrives(site: &Site) {
    site.record(numbered(200)).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let now = numbered(1)[0].created_at.unwrap_or_default() + 120_000;
    site.record(vec![at("new-0", "deployment", now)]).await;
    page.until("the first", "ids()[0] === 'new-0'").await;
    assert!(!page.value::<bool>("shown('[part=marker]')").await);

    page.act("scrollTo({ top: 900, behavior: 'instant' })")
        .await;
    let before: f64 = page.value("placeOf(window.witness = rows()[20])").await;
    site.record(
        (1..4)
            .map(|number| {
                at(
                    ["new-1", "new-2", "new-3"][number - 1],
                    "deployment",
                    now + 1_000,
                )
                .user_id(format!("user_{number}"))
            })
            .collect(),
    )
    .await;
    page.until(
        "the marker",
        "shown('[part=marker]') && text('[part=marker]') === '3 new activities'",
    )
    .await;
    page.until(
        "it is said aloud",
        "text('[part=announcement]') === '3 new activities'",
    )
    .await;
    let (after, first): (f64, String) = page
        .value("[window.witness.getBoundingClientRect().top, ids()[0]]")
        .await;
    assert_eq!(first, "new-0");
    assert!((before - after).abs() < 1.0, "from {before} to {after}");

    page.is_accessible("the marker").await;
    page.click("[part=marker]").await;
    page.until(
        "all are there",
        "ids().slice(0, 4).join() === 'new-3,new-2,new-1,new-0'",
    )
    .await;
    assert!(
        page.value::<bool>("scrollY === 0 && !shown('[part=marker]') && focused() === rows()[0]")
            .await
    );
    // The next activity arrives after any duplicate would have.
    site.record(vec![at("new-4", "deployment", now + 2_000)])
        .await;
    page.until("the last", "ids()[0] === 'new-4'").await;
    assert!(
        page.value::<bool>("new Set(ids()).size === rows().length")
            .await
    );
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_in_sqlite_is_inserted_at_the_top_and_else_announced() {
    arrives(&Site::with(Vec::new()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_in_postgres_is_inserted_at_the_top_and_else_announced() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    arrives(&Site::over(store).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_outage_what_was_missed_is_there_once() {
    let site = Site::with(numbered(200)).await;
    let proxy = Proxy::before(site.address()).await;
    let page = Timeline::open(proxy.address(), PAGE).await;
    page.until_live().await;
    let now = numbered(1)[0].created_at.unwrap_or_default() + 120_000;
    for (later, id) in (0..).zip(["missed-0", "missed-1", "missed-2"]) {
        let before = page.ids().await;
        // The last outage is that of the viewer's own network.
        let is_own = later == 2;
        if is_own {
            page.reach_the_network(false).await;
        } else {
            proxy.set(Weather::Closed);
        }
        page.until(
            "the banner",
            "shown('[part=offline]') && text('[part=offline]') === 'Offline: showing what was loaded'",
        )
        .await;
        page.is_accessible("the banner").await;
        site.record(vec![at(id, "deployment", now + later).user_id(id)])
            .await;
        // The banner alone appears, as a polite status. The next page may have been in flight.
        let during = page.ids().await;
        assert!(during.starts_with(&before), "{during:?}");
        let is_quiet: bool = page
            .value("one('[part=offline]').getAttribute('role') === 'status'")
            .await;
        assert!(is_quiet);
        if is_own {
            page.reach_the_network(true).await;
        } else {
            proxy.set(Weather::Fair);
        }
        page.until(
            "what was missed",
            &format!("!shown('[part=offline]') && live() && ids()[0] === '{id}'"),
        )
        .await;
        let after = page.ids().await;
        assert!(
            after[1..].starts_with(&before),
            "and nothing else: {after:?}"
        );
    }
    page.was_quiet_but_for_the_network().await;
}
