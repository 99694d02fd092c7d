//! `examples/nats`: what workers publish is in Postgres once.

use std::{collections::BTreeSet, process::Command};

use tokio::{task::spawn_blocking, time::timeout};
use tracker_core::PostgresStore;
use tracker_tests::{
    examples::example_program,
    nats::NatsCluster,
    postgres::TestDatabase,
    running::{Running, Signal},
};

use super::{LIMIT, timeline};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_activity_that_a_worker_publishes_is_relayed_once() {
    let database = TestDatabase::create().await;
    let nats = NatsCluster::single();
    let relay = example_program("nats-relay");
    let mut relay = Running::start("relay", &relay, "the stream is ready", |command| {
        command
            .env("NATS_URL", nats.url())
            .env("DATABASE_URL", database.url());
    });

    let worker = example_program("nats-worker");
    let workers = ["worker_1", "worker_2", "worker_3"].map(|name| {
        let mut command = Command::new(&worker);
        command.arg(name).env("NATS_URL", nats.url());
        spawn_blocking(move || command.output().unwrap())
    });
    for worker in workers {
        let output = worker.await.unwrap();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("published 3 activities"), "{said}");
    }

    let store = PostgresStore::new(database.url()).unwrap();
    let arrived = async {
        loop {
            let activities = timeline(&store, "project_7").await;
            if activities.len() >= 9 {
                return activities;
            }
            tokio::task::yield_now().await;
        }
    };
    let activities = timeout(LIMIT, arrived).await.expect("all arrive");
    let told: BTreeSet<_> = activities
        .iter()
        .map(|activity| (&activity.user_id, &activity.action_details))
        .collect();
    assert_eq!((activities.len(), told.len()), (9, 9), "{activities:?}");
    let said = relay.stop(Signal::INT);
    assert!(said.contains("stored 9 activities"), "{said}");
}
