//! Writing: contents, repetitions and concurrent writers.

#![expect(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "a behaviour's name says what it proves, and it fails in whatever way is short"
)]

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use futures_util::{FutureExt, future::try_join_all};
use tracker_core::{ActionType, Activity, ReferenceIds, Status, store::Batch, timeline::Query};

use super::{Subject, activity, distinct_ids, read, write};

fn full_row() -> Activity {
    Activity::new(ActionType::GithubPush)
        .project_id("project_7")
        .user_id("user_42")
        .request_id("req_9f2")
        .details("3 files to https://example.org/repository.git")
        .status(Status::Failure)
        .environment("production")
        .reference("deployment_id", "deploy_xyz789")
        .reference("github_push_id", 7)
}

pub async fn written_rows_read_back_equal(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    for written in [
        full_row(),
        full_row().status(Status::Success),
        full_row().status(Status::Panicked),
        full_row().status(Status::Cancelled),
        full_row().status(Status::from("rolled_back")),
        Activity::new(ActionType::Deployment),
    ] {
        let project_id = &written.action_id;
        let written = written.clone().project_id(project_id);
        write(&*store, vec![written.clone()]).await?;
        assert_eq!(read(&*store, project_id, 10).await?, [written]);
    }
    Ok(())
}

pub async fn any_text_reads_back_equal(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let long = "€".repeat(1_000);
    for (n, text) in [
        "'; DROP TABLE project_actions; --",
        "\"double\" 'single' `back` $1 ?1 :a @a",
        r"back\slash \N \. \\ \x00",
        "tab\tnew\nline\r\nreturn",
        "Grüße, 日本語, עברית, 🦀, e\u{301}, \u{FEFF}, \u{FFFD}, \u{10FFFF}",
        " spaces around ",
        "\u{1}\u{7f}\u{85}",
        "{\"json\": [1, null]}",
        "null",
        "NULL",
        "0012",
        "",
        &long,
    ]
    .into_iter()
    .enumerate()
    {
        let id = if text.is_empty() { "no text" } else { text };
        let id: String = id.chars().take(255).collect();
        let mut written = Activity::new(ActionType::Deployment)
            .project_id(format!("{n}{id}"))
            .user_id(text)
            .request_id(text)
            .details(text)
            .status(Status::from(text))
            .environment(text);
        written.action_type = Some(text.to_owned().into());
        written.reference_ids = ReferenceIds::from_iter([(id.clone(), text)]);
        written.action_id = id;
        write(&*store, vec![written.clone()]).await?;
        let project_id = written.project_id.clone().unwrap_or_default();
        assert_eq!(read(&*store, &project_id, 10).await?, [written]);
    }
    Ok(())
}

/// Such a row is on no timeline, so only its neighbour and the repetition show it.
pub async fn a_row_of_nothing_but_its_id_is_written(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let mut bare = activity("p", None, "bare");
    bare.project_id = None;
    bare.action_type = None;
    bare.status = None;
    let neighbour = activity("p", 1, "neighbour");
    let batch = vec![bare.clone(), neighbour.clone()];
    store.write(batch.into()).await?;
    assert_eq!(read(&*store, "p", 10).await?, [neighbour]);

    // The ID is taken: with a project it would be seen if it weren't.
    write(&*store, vec![bare.project_id("p")]).await?;
    assert_eq!(read(&*store, "p", 10).await?.len(), 1);

    let mut on_a_timeline = activity("p", None, "on a timeline");
    on_a_timeline.action_type = None;
    on_a_timeline.status = None;
    write(&*store, vec![on_a_timeline.clone()]).await?;
    assert_eq!(read(&*store, "p", 10).await?.pop(), Some(on_a_timeline));
    Ok(())
}

pub async fn a_batch_written_again_writes_nothing_twice(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let rows: Vec<_> = (0..20)
        .map(|n| activity("p", n, &format!("{n:03}")))
        .collect();
    let batch = Batch::from(rows);
    store.write(batch.clone()).await?;
    store.write(batch.retry()).await?;
    write(&*store, batch.clone()).await?;
    // This batch has a part of the former one, and new rows.
    let mixed = (10..30).map(|n| activity("p", n, &format!("{n:03}")));
    write(&*store, mixed.collect::<Batch>()).await?;
    let found = read(&*store, "p", 100).await?;
    assert_eq!((found.len(), distinct_ids(&found).len()), (30, 30));
    Ok(())
}

pub async fn a_row_that_is_there_is_left_as_it_is(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let first = activity("p", 1, "a").details("first");
    write(&*store, vec![first.clone()]).await?;
    write(&*store, vec![activity("p", 2, "a").details("second")]).await?;
    assert_eq!(read(&*store, "p", 10).await?, [first]);
    Ok(())
}

pub async fn an_id_repeated_in_a_batch_is_written_once(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let rows = vec![
        activity("p", 1, "a"),
        activity("p", 2, "b"),
        activity("p", 1, "a"),
    ];
    write(&*store, rows.clone()).await?;
    let found = read(&*store, "p", 10).await?;
    assert_eq!(found, [rows[1].clone(), rows[0].clone()]);
    Ok(())
}

pub async fn an_empty_batch_is_written(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    store.write(Batch::from(Vec::new())).await?;
    store.write(Batch::from(Vec::new()).retry()).await?;
    Ok(())
}

pub async fn writers_of_overlapping_batches_all_succeed(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    // Eight writers of 100 rows each, of which every two neighbours share 50.
    let writers = (0..8).map(|writer| {
        let rows = (writer * 50..writer * 50 + 100).map(|n| activity("p", n, &format!("{n:04}")));
        // Every other writer has the opposite order, which leads to deadlocks in a database that
        // locks row by row.
        let rows: Vec<_> = if writer % 2 == 0 {
            rows.collect()
        } else {
            rows.rev().collect()
        };
        let store = Arc::clone(&store);
        tokio::spawn(async move { write(&*store, rows).await })
    });
    for written in try_join_all(writers).await? {
        written?;
    }
    let found = read(&*store, "p", 1_000).await?;
    assert_eq!((found.len(), distinct_ids(&found).len()), (450, 450));
    Ok(())
}

pub async fn a_dropped_write_leaves_the_store_usable(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    for n in 0..20 {
        let rows = (0..50).map(|row| activity("p", n, &format!("{n:02}-{row:02}")));
        // The future is polled once, or not at all.
        let write = store.write(rows.collect());
        if n % 2 == 0 {
            let _ = write.now_or_never();
        }
        let _ = store.timeline(Query::project("p")).now_or_never();
    }
    let all =
        (0..20).flat_map(|n| (0..50).map(move |row| activity("p", n, &format!("{n:02}-{row:02}"))));
    store.write(all.collect::<Batch>().retry()).await?;
    let found = read(&*store, "p", 1_000).await?;
    assert_eq!((found.len(), distinct_ids(&found).len()), (1_000, 1_000));
    Ok(())
}

pub async fn it_works_from_an_executor_that_is_not_tokio(store: Subject) -> anyhow::Result<()> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(future);
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(value) => return value,
                Poll::Pending => thread::park(),
            }
        }
    }
    let elsewhere = move || {
        block_on(async {
            store.migrate().await?;
            let written = vec![activity("p", 1, "a")];
            write(&*store, written.clone()).await?;
            assert_eq!(read(&*store, "p", 10).await?, written);
            store.check().await?;
            anyhow::Ok(())
        })
    };
    let thread = thread::spawn(elsewhere);
    tokio::task::spawn_blocking(|| thread.join())
        .await?
        .expect("no panic")
}

pub async fn its_description_is_one_line_and_lasts(store: Subject) -> anyhow::Result<()> {
    let description = store.describe();
    assert!(!description.is_empty() && !description.contains('\n'));
    store.migrate().await?;
    assert_eq!(store.describe(), description);
    Ok(())
}
