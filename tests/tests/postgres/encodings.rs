//! Databases with encodings other than UTF-8. A character that the encoding lacks is replaced, and
//! no activity is lost.

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;
use tracker_core::{
    ActionType, Activity, PostgresStore, ReferenceIds, Store, StoreError,
    store::Batch,
    timeline::{Arrivals, Counting, Filter, Query, UtcOffsets},
};
use tracker_tests::{arrivals::all_settled, log::Log, postgres::TestDatabase, quick::quick};

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(1);

/// Returns the log of the stores of all tests. Each test looks for its own lines.
fn log() -> &'static Log {
    Log::of_process(tracing::Level::WARN)
}

async fn subject(encoding: &str) -> (TestDatabase, PostgresStore) {
    log();
    let database = TestDatabase::create_with(&format!("ENCODING '{encoding}'")).await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    (database, store)
}

fn row(details: &str) -> Activity {
    Activity::new(ActionType::Deployment)
        .project_id("project_7")
        .details(details)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_encoding_lacks_is_a_question_mark_and_no_activity_is_lost() {
    for (encoding, recorded, stored) in [
        ("LATIN1", "café ☕ 日本", "café ? ??"),
        ("WIN1252", "café “quoted” 日", "café “quoted” ?"),
        ("EUC_JP", "日本 ☕", "日本 ?"),
        ("EUC_KR", "한국 ☕", "한국 ?"),
        ("SQL_ASCII", "café 日本 ☕", "café 日本 ☕"),
        ("UTF8", "café 日本 ☕", "café 日本 ☕"),
    ] {
        let (database, store) = subject(encoding).await;
        let tracker = quick(store.clone()).build().unwrap();
        for number in 0..20 {
            let odd = if number % 10 == 3 { recorded } else { "plain" };
            tracker.record(row(&format!("{number} {odd}")));
        }
        let stats = tracker.shutdown(LIMIT).await;
        assert_eq!(
            (stats.recorded, stats.stored),
            (20, 20),
            "{encoding} {stats:?}"
        );
        let page = store.timeline(Query::project("project_7")).await.unwrap();
        let details = page.activities.into_iter().filter_map(|a| a.action_details);
        let details: BTreeSet<String> = details.collect();
        for number in [3, 13] {
            let expected = format!("{number} {stored}");
            assert!(details.contains(&expected), "{encoding} {details:?}");
        }
        let name = database.url().rsplit('/').next().unwrap().to_owned();
        let said = log().text();
        let said = said.lines().filter(|line| line.contains(&name));
        let said = said
            .filter(|line| line.contains("lacks characters"))
            .count();
        assert_eq!(said, usize::from(recorded != stored), "{encoding}");
    }
}

#[tokio::test]
async fn every_text_but_the_id_and_the_project_is_brought_within_the_encoding() {
    let (_database, store) = subject("LATIN1").await;
    let mut activity = row("é日").user_id("ü本").request_id("本").environment("☕");
    activity.reference_ids =
        ReferenceIds::from_json(json!({"名": "é日", "list": ["日", {"x": "☕"}]}));
    activity.action_type = Some("デプロイ".into());
    activity.status = Some("成功".into());
    let batch = Batch::from(vec![activity.clone()]);
    store.write(batch.clone()).await.unwrap_err();
    store.write(batch.retry()).await.unwrap();
    // The batch is written again, as after an answer that was lost.
    store.write(batch.retry()).await.unwrap();
    let page = store.timeline(Query::project("project_7")).await.unwrap();
    let [found] = &*page.activities else {
        panic!("{page:?}");
    };
    activity.user_id = Some("ü?".to_owned());
    activity.request_id = Some("?".to_owned());
    activity.environment = Some("?".to_owned());
    activity.action_details = Some("é?".to_owned());
    activity.action_type = Some("????".into());
    activity.status = Some("??".into());
    activity.reference_ids = ReferenceIds::from_json(json!({"?": "é?", "list": ["?", {"x": "?"}]}));
    assert_eq!(found, &activity);

    let mut other = row("its ID").project_id("project_7");
    other.action_id = "日".to_owned();
    for activity in [other, row("its project").project_id("日")] {
        let refused = store.write(Batch::from(vec![activity]).retry()).await;
        assert!(
            matches!(refused, Err(StoreError::Refused { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn as_many_characters_as_an_activity_can_have_are_replaced() {
    let (_database, store) = subject("LATIN1").await;
    // Each character is a different one.
    let many: String = ('\u{4e00}'..).take(1_000).collect();
    let activity = row(&many).user_id("é");
    let batch = Batch::from(vec![activity]);
    store.write(batch.retry()).await.unwrap();
    let page = store.timeline(Query::project("project_7")).await.unwrap();
    let details = page.activities[0].action_details.clone().unwrap();
    assert_eq!(details, "?".repeat(1_000));
}

#[tokio::test]
async fn what_is_asked_for_in_characters_that_no_row_has_is_not_there() {
    let (_database, store) = subject("LATIN1").await;
    let begin = all_settled(&store).await;
    store.write(Batch::from(vec![row("é")])).await.unwrap();
    assert!(
        store
            .timeline(Query::project("日"))
            .await
            .unwrap()
            .activities
            .is_empty()
    );
    assert!(store.activity("日", "本").await.unwrap().is_none());
    let text = Filter::project("project_7").text("日");
    assert_eq!(store.count(text.clone()).await.unwrap(), 0);
    assert_eq!(
        store
            .counts(Counting::by_day(text, UtcOffsets::default()))
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        store
            .count(Filter::project("project_7").text("é"))
            .await
            .unwrap(),
        1
    );
    // A project that the encoding can't express hides no other project.
    let end = all_settled(&store).await;
    let projects = ["日", "project_7", "é"].map(str::to_owned).to_vec();
    let arrivals = Arrivals::new(projects, begin, end);
    assert_eq!(store.arrivals(arrivals).await.unwrap().len(), 1);
}
