//! The NATS servers of the tests themselves: they form a cluster, and leave nothing behind.

use std::path::PathBuf;
use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream::{self, Context, context::PublishErrorKind, stream};
use tracker_tests::nats::{NatsCluster, NatsOptions};
use tracker_tests::process::{is_running, wait_until};

/// The maximum time for a clean-up on a busy machine. It takes less than a second on an idle one.
const CLEAN_UP_LIMIT: Duration = Duration::from_secs(30);

/// The maximum time until a message is acknowledged. An election takes up to ten seconds on an idle
/// machine.
const PUBLISH_LIMIT: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn publishing_goes_on_without_the_leader_of_the_stream_and_it_comes_back() {
    let mut cluster = NatsCluster::of_three();
    let jetstream = connect(&cluster).await;
    let made = jetstream.create_stream(replicated("kept", 3)).await;
    made.unwrap();
    publish(&jetstream, "kept.first").await;

    let leader = cluster.stream_leader("kept");
    cluster.node(leader).kill();
    publish(&jetstream, "kept.second").await;
    assert_ne!(cluster.stream_leader("kept"), leader);

    cluster.node(leader).restart();
    // With another node gone, the data of the restarted node is needed for a majority.
    let another = cluster.stream_leader("kept");
    cluster.node(another).kill();
    publish(&jetstream, "kept.third").await;
    let mut stream = jetstream.get_stream("kept").await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_server_keeps_its_streams_over_a_kill() {
    let mut cluster = NatsCluster::single();
    let jetstream = connect(&cluster).await;
    jetstream
        .create_stream(replicated("kept", 1))
        .await
        .unwrap();
    publish(&jetstream, "kept.first").await;

    let here = cluster.stream_leader("kept");
    cluster.node(here).kill();
    cluster.node(here).restart();
    publish(&jetstream, "kept.second").await;
    let mut stream = jetstream.get_stream("kept").await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_a_test_are_those_of_every_node() {
    let cluster = NatsCluster::new(&NatsOptions {
        nodes: 2,
        settings: "authorization { user: worker, password: secret }".to_owned(),
        ..NatsOptions::default()
    });
    for url in cluster.urls() {
        async_nats::connect(&url).await.unwrap_err();
        ConnectOptions::with_user_and_password("worker".to_owned(), "secret".to_owned())
            .connect(&url)
            .await
            .unwrap();
    }
}

#[test]
fn a_dropped_cluster_leaves_nothing_whether_a_node_runs_or_was_stopped_or_killed() {
    let mut cluster = NatsCluster::of_three();
    let traces: Vec<(u32, PathBuf)> = (0..3)
        .map(|index| {
            let mut node = cluster.node(index);
            (node.id().expect("it runs"), node.directory())
        })
        .collect();
    for (process, directory) in &traces {
        assert!(is_running(*process) && directory.is_dir());
    }
    cluster.node(1).stop();
    cluster.node(2).kill();
    drop(cluster);
    wait_until(CLEAN_UP_LIMIT, "the cluster left nothing", || {
        traces
            .iter()
            .all(|(process, directory)| !is_running(*process) && !directory.exists())
    });
}

async fn connect(cluster: &NatsCluster) -> Context {
    let client = async_nats::connect(cluster.urls()).await.unwrap();
    jetstream::new(client)
}

/// Returns the settings of a replicated stream of all subjects below its name.
fn replicated(name: &str, replicas: usize) -> stream::Config {
    stream::Config {
        name: name.to_owned(),
        subjects: vec![format!("{name}.>")],
        num_replicas: replicas,
        ..stream::Config::default()
    }
}

/// Publishes one message and retries until it is acknowledged. It is in the stream once.
async fn publish(jetstream: &Context, subject: &str) {
    let publishing = async {
        loop {
            let message = jetstream::message::PublishMessage::build()
                .payload("message".into())
                .message_id(subject);
            let acknowledged = async {
                jetstream
                    .send_publish(subject.to_owned(), message)
                    .await?
                    .await
            };
            match acknowledged.await {
                Ok(_) => return,
                Err(error) => assert!(
                    matches!(
                        error.kind(),
                        PublishErrorKind::TimedOut
                            | PublishErrorKind::BrokenPipe
                            | PublishErrorKind::StreamNotFound
                    ),
                    "{error}"
                ),
            }
        }
    };
    let published = tokio::time::timeout(PUBLISH_LIMIT, publishing).await;
    published.expect("acknowledged in time");
}
