//! Workers, a NATS cluster, relays and Postgres, each of which fails in turn. Every activity is in
//! the table once, and every timeline is complete.
//!
//! The short form runs with the other tests. The full one has fifty workers and runs for a minute:
//!
//! ```sh
//! cargo test -p tracker-tests --test nats -- --ignored --nocapture end_to_end
//! ```

use std::{
    collections::BTreeSet,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use async_nats::jetstream;
use tokio::task::block_in_place;
use tracker_core::{PostgresStore, Store, timeline::Query};
use tracker_tests::{
    examples::tracker_command,
    nats::NatsCluster,
    postgres::{ExclusiveServer, ServerOptions},
    relay::RelayProcess,
    workers::{Recorded, Workers},
};

const STREAM: &str = "ACTIVITIES";

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_activity_arrives_once_while_each_part_of_the_way_fails() {
    survives(10, 50, Duration::from_secs(10)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; run it with `cargo test -p tracker-tests --test nats -- --ignored --nocapture end_to_end`"]
async fn each_activity_of_fifty_workers_arrives_once_while_each_part_of_the_way_fails() {
    survives(50, 50, Duration::from_mins(1)).await;
}

/// Lets workers record for at least `time`, and until each part has failed and recovered.
async fn survives(workers: u64, per_second: u64, time: Duration) {
    let mut way = block_in_place(Way::new);
    let worker = Path::new(env!("CARGO_BIN_EXE_publishing_worker"));
    let began = Instant::now();
    let workers = Workers::start(worker, workers, per_second, &way.nats.url());

    for (number, (name, fail)) in (1..).zip(FAILURES) {
        // The failures are spread over the time. Each begins after the previous one is over.
        let due = time * number / 5;
        tokio::time::sleep(due.saturating_sub(began.elapsed())).await;
        way.goes_on().await;
        let at = began.elapsed();
        block_in_place(|| fail(&mut way));
        println!("{name}, from {at:.1?} to {:.1?}", began.elapsed());
    }
    way.goes_on().await;
    tokio::time::sleep(time.saturating_sub(began.elapsed())).await;
    println!("all is back after {:.1?}", began.elapsed());
    let recorded = block_in_place(|| workers.end());
    println!("{} activities in {:.1?}", recorded.total(), began.elapsed());
    // Every worker recorded at least half of the requested number, so none was held up.
    let least = per_second * time.as_secs() / 2;
    assert!(recorded.least() >= least, "{recorded:?}");

    way.has_all(&recorded).await;
    println!("all has arrived after {:.1?}", began.elapsed());
    for relay in &mut way.relays {
        let said = block_in_place(|| relay.stop());
        assert!(said.contains("put 0 dead letters aside"), "{said}");
    }
}

/// The name of a failure, and the function that causes it and starts everything again.
type Failure = (&'static str, fn(&mut Way));

const FAILURES: [Failure; 4] = [
    ("a node is killed and restarted", |way| {
        let node = (way.nats.stream_leader(STREAM) + 1) % 3;
        way.nats.node(node).kill();
        way.nats.node(node).restart();
    }),
    ("the stream's leader is killed and restarted", |way| {
        let leader = way.nats.stream_leader(STREAM);
        way.nats.node(leader).kill();
        // Another node leads before this one is back.
        assert_ne!(way.nats.stream_leader(STREAM), leader);
        way.nats.node(leader).restart();
    }),
    ("a relay is killed", |way| {
        way.relays.remove(0).kill();
        way.add_relay();
    }),
    ("Postgres is restarted", |way| {
        way.postgres.stop();
        way.postgres.start();
    }),
];

/// The way from the workers to the table.
struct Way {
    relays: Vec<RelayProcess>,
    nats: NatsCluster,
    postgres: ExclusiveServer,
}

impl Way {
    fn new() -> Self {
        let mut way = Self {
            relays: Vec::new(),
            nats: NatsCluster::of_three(),
            postgres: ExclusiveServer::new(&ServerOptions::default()),
        };
        way.tracker(&["migrate"]);
        way.tracker(&[
            "nats",
            "setup",
            "--max-bytes=256MiB",
            "--dead-letter-max-bytes=16MiB",
            "--ack-wait=5s",
        ]);
        way.add_relay();
        way.add_relay();
        way
    }

    /// Runs the command `tracker`.
    fn tracker(&self, arguments: &[&str]) {
        let ran = Command::new(tracker_command())
            .args(arguments)
            .env("TRACKER_NATS", self.nats.url())
            .env("TRACKER_STORE", self.postgres.url())
            .output()
            .expect("the command starts");
        assert!(ran.status.success(), "{ran:?}");
    }

    fn add_relay(&mut self) {
        let relay = RelayProcess::start(&self.nats.url(), &self.postgres.url());
        self.relays.push(relay);
    }

    async fn rows(&self) -> u64 {
        let client = self.postgres.connect().await;
        let query = "SELECT count(*) FROM turbobackend.project_actions";
        let rows: i64 = client.query_one(query, &[]).await.unwrap().get(0);
        rows.unsigned_abs()
    }

    /// Waits until more rows have come into the table.
    async fn goes_on(&self) {
        let before = self.rows().await;
        let going_on = async {
            while self.rows().await <= before {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let goes_on = tokio::time::timeout(LIMIT, going_on).await;
        goes_on.expect("activities reach the table");
    }

    /// Waits until the relays have acked everything in the stream, and compares each timeline with
    /// the recorded activities.
    async fn has_all(&self, recorded: &Recorded) {
        let client = async_nats::connect(self.nats.urls()).await.unwrap();
        let stream = jetstream::new(client).get_stream(STREAM).await.unwrap();
        let acknowledged = async {
            loop {
                // The number of messages in the stream is no measure: a server that dies may leave
                // acked messages in it.
                let consumer = stream.consumer_info("relay").await.unwrap();
                if (consumer.num_pending, consumer.num_ack_pending) == (0, 0) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let acknowledged = tokio::time::timeout(LIMIT, acknowledged).await;
        acknowledged.expect("the relays acknowledge everything");

        assert_eq!(self.rows().await, recorded.total());
        let store = PostgresStore::new(self.postgres.url()).unwrap();
        for (project, expected) in recorded.timelines() {
            let found = timeline(&store, &project).await;
            assert_eq!(found.len(), expected.len(), "{project}");
            let found: BTreeSet<_> = found.into_iter().collect();
            let missing: Vec<_> = expected.difference(&found).take(10).collect();
            assert!(missing.is_empty(), "{project} lacks {missing:?}");
        }
    }
}

/// Returns the details of all activities of a project.
async fn timeline(store: &PostgresStore, project: &str) -> Vec<String> {
    let mut query = Query::project(project).limit(1_000);
    let mut found = Vec::new();
    loop {
        let page = store.timeline(query.clone()).await.unwrap();
        let details = page.activities.into_iter().map(|row| row.action_details);
        found.extend(details.map(Option::unwrap_or_default));
        let Some(next) = page.next else {
            return found;
        };
        query = query.after(next);
    }
}
