//! Files of a login and of TLS that are replaced while they are in use.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use nkeys::KeyPair;
use tokio::time::{sleep, timeout};
use tracker_core::{
    JetStreamStore, MemoryStore, Store, StoreError, Tracker,
    nats::{NatsOptions, Relay},
};
use tracker_tests::{
    errors::all_text,
    nats::{NatsCluster, NatsOptions as ClusterOptions},
};

use crate::{
    identities::{authority, credentials, issued, of_account, written},
    logging_in::store,
    support::{LIMIT, Running, activities, ids, logged, small, until},
};

/// Repeats the store's check until its result satisfies the condition.
async fn checked(
    store: &JetStreamStore,
    what: &str,
    is_so: impl Fn(&Result<(), StoreError>) -> bool,
) {
    let asking = async {
        while !is_so(&store.check().await) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(
        timeout(LIMIT, asking).await.is_ok(),
        "did not happen: {what}"
    );
}

/// Waits until the store's check reports a refused login and names the login's file.
async fn denied(store: &JetStreamStore, file: &str) {
    checked(store, "it is denied", |checked| {
        matches!(checked, Err(error @ StoreError::Denied { .. }) if all_text(error).contains(file))
    })
    .await;
}

async fn taken(store: &JetStreamStore) {
    checked(store, "it is taken", Result::is_ok).await;
}

/// Replaces a file atomically, like tools do: a reader sees the old content or the new one.
fn replace(path: &str, content: &str) {
    let new = format!("{path}.new");
    fs::write(&new, content).unwrap();
    fs::rename(new, path).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_expire_and_are_replaced_lose_nothing_and_need_no_restart() {
    let account = KeyPair::new_account();
    let cluster = NatsCluster::new(&of_account(&account));
    let folder = tempfile::tempdir().unwrap();
    let own = |expires| credentials(&account, &KeyPair::new_user(), expires);
    let admin = written(folder.path(), "admin.creds", &own(None));
    let place = cluster.url();
    store(&format!("{place}?credentials={admin}"))
        .set_up(&small())
        .await
        .unwrap();

    // Enough time for both to begin on a busy machine.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let soon = Some(now.as_secs() + 8);
    let worker = written(folder.path(), "worker.creds", &own(soon));
    let relay = written(folder.path(), "relay.creds", &own(soon));
    let publisher = store(&format!("{place}?credentials={worker}"));
    let tracker = Tracker::builder()
        .store(publisher.clone())
        .retry_delays(Duration::from_millis(10), Duration::from_millis(20))
        .build()
        .unwrap();
    let table = MemoryStore::new();
    let options = NatsOptions::parse(&format!("{place}?credentials={relay}")).unwrap();
    let relaying = Running::start(Relay::builder(options, table.clone()));
    let recorded = activities(0, 100);
    let (before, after) = recorded.split_at(50);
    for row in before {
        tracker.record(row.clone());
    }
    until("the first are relayed", || table.activities().len() == 50).await;

    denied(&publisher, &worker).await;
    for file in [&worker, &relay] {
        let words = [
            "the login to NATS is not taken",
            "User Authentication Expired",
            file,
        ];
        until("it is said", || logged(&words) > 0).await;
    }
    for row in after {
        tracker.record(row.clone());
    }
    let error = publisher.write(after.to_vec().into()).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    replace(&worker, &own(None));
    timeout(LIMIT, tracker.flush())
        .await
        .expect("they are published");
    assert_eq!(tracker.stats().dropped.total(), 0);
    replace(&relay, &own(None));
    until("the others are relayed", || table.activities().len() == 100).await;
    relaying.end().await;
    assert_eq!(ids(&table.activities()), ids(&recorded));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_file_a_login_is_in_it_is_read_again_when_the_connection_is_made_again() {
    let key = KeyPair::new_user();
    let cluster = |settings: String| {
        NatsCluster::new(&ClusterOptions {
            settings,
            ..ClusterOptions::default()
        })
    };
    let users = format!(
        "authorization {{ users = [ {{ user: worker, password: secret }}, {{ nkey: {} }} ] }}",
        key.public_key()
    );
    let token = "authorization { token: secret }".to_owned();
    let seed = key.seed().unwrap();
    let decorated =
        format!("-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n");
    let stranger = KeyPair::new_user().seed().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (settings, user, option, right, wrong) in [
        (&users, "worker@", "password_file", "secret\n", "mistyped\n"),
        (&users, "", "nkey", &seed, &stranger),
        (&users, "", "nkey", &decorated, "-----BEGIN"),
        (&token, "", "token_file", "secret\r\n", ""),
    ] {
        let mut cluster = cluster(settings.clone());
        let file = written(folder.path(), option, right);
        let place = cluster.url().replace("nats://", &format!("nats://{user}"));
        let publisher = store(&format!("{place}?{option}={file}"));
        publisher.set_up(&small()).await.unwrap();

        replace(&file, wrong);
        cluster.node(0).stop();
        cluster.node(0).restart();
        denied(&publisher, &file).await;
        fs::remove_file(&file).unwrap();
        denied(&publisher, &file).await;
        replace(&file, right);
        taken(&publisher).await;
        publisher.write(activities(0, 3).into()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_are_replaced_are_taken_when_the_connection_is_made_again() {
    let files = |folder: &Path, owner: &str| {
        let (root, issuer) = authority();
        let (certificate, key) = issued(&issuer, "127.0.0.1");
        for (name, content) in [
            ("server.pem", &certificate),
            ("key.pem", &key),
            ("ca.pem", &root),
        ] {
            written(folder, name, content);
        }
        let (certificate, key) = issued(&issuer, owner);
        (root, certificate, key)
    };
    let folder = tempfile::tempdir().unwrap();
    let (root, certificate, key) = files(folder.path(), "worker");
    let read = |name: &str| {
        let content = fs::read_to_string(folder.path().join(name)).unwrap();
        (name.to_owned(), content)
    };
    let mut cluster = NatsCluster::new(&ClusterOptions {
        settings: "tls { cert_file: \"server.pem\", key_file: \"key.pem\", ca_file: \"ca.pem\", verify: true }".to_owned(),
        files: ["server.pem", "key.pem", "ca.pem"].map(read).into(),
        ..ClusterOptions::default()
    });
    let own = tempfile::tempdir().unwrap();
    let [ca, cert, key_file] = [("ca", &root), ("cert", &certificate), ("key", &key)]
        .map(|(name, content)| written(own.path(), name, content));
    let place = cluster.url().replace("nats://", "tls://");
    let publisher = store(&format!(
        "{place}?tls_ca={ca}&tls_cert={cert}&tls_key={key_file}"
    ));
    publisher.set_up(&small()).await.unwrap();

    let mut node = cluster.node(0);
    node.stop();
    let (root, certificate, key) = files(&node.directory(), "worker");
    node.restart();
    checked(&publisher, "nobody is trusted", |checked| {
        matches!(checked, Err(StoreError::Unreachable { .. }))
    })
    .await;
    for (file, content) in [(&ca, root), (&cert, certificate), (&key_file, key)] {
        replace(file, &content);
    }
    taken(&publisher).await;
    publisher.write(activities(0, 3).into()).await.unwrap();
}
