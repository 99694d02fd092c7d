//! TLS, and the ways to authenticate.

use std::time::Duration;

use nkeys::KeyPair;
use tracker_core::{JetStreamStore, Store, StoreError, nats::NatsError};
use tracker_tests::nats::{NatsCluster, NatsOptions, NatsRelease};

use crate::{
    identities::{authority, credentials, issued, of_account, written},
    support::{activities, small},
};

pub(crate) fn store(url: &str) -> JetStreamStore {
    let builder = JetStreamStore::builder(url).unwrap();
    let limit = Duration::from_secs(5);
    let builder = builder.answer_timeout(limit).connect_timeout(limit);
    builder.build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_trusted_by_its_authority_and_a_client_by_its_certificate() {
    let (root, issuer) = authority();
    let (certificate, key) = issued(&issuer, "127.0.0.1");
    let file = |name: &str, content: &str| (name.to_owned(), content.to_owned());
    let cluster = NatsCluster::new(&NatsOptions {
        settings: "tls { cert_file: \"server.pem\", key_file: \"key.pem\", ca_file: \"ca.pem\", verify: true }".to_owned(),
        files: vec![
            file("server.pem", &certificate),
            file("key.pem", &key),
            file("ca.pem", &root),
        ],
        ..NatsOptions::default()
    });
    let folder = tempfile::tempdir().unwrap();
    let ca = written(folder.path(), "ca.pem", &root);
    let (certificate, key) = issued(&issuer, "worker");
    let certificate = written(folder.path(), "worker.pem", &certificate);
    let key = written(folder.path(), "worker.key", &key);
    let (other_root, _) = authority();
    let other_ca = written(folder.path(), "other.pem", &other_root);

    let place = cluster.url().replace("nats://", "tls://");
    let own = format!("tls_cert={certificate}&tls_key={key}");
    let url = format!("{place}?tls_ca={ca}&{own}");
    store(&url).set_up(&small()).await.unwrap();
    store(&url).write(activities(0, 3).into()).await.unwrap();

    for url in [
        // The server's certificate is not from this authority.
        format!("{place}?tls_ca={other_ca}&{own}"),
        // The server requires a client certificate.
        format!("{place}?tls_ca={ca}"),
        // The server refuses plain text.
        cluster.url(),
    ] {
        let error = store(&url)
            .write(activities(0, 1).into())
            .await
            .unwrap_err();
        assert!(
            matches!(error, StoreError::Unreachable { .. }),
            "{url}: {error:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credentials_file_logs_in_and_one_of_a_stranger_does_not() {
    let workers = KeyPair::new_account();
    let cluster = NatsCluster::new(&of_account(&workers));
    let folder = tempfile::tempdir().unwrap();
    let own = credentials(&workers, &KeyPair::new_user(), None);
    let own = written(folder.path(), "worker.creds", &own);
    let url = format!("{}?credentials={own}", cluster.url());
    store(&url).set_up(&small()).await.unwrap();
    store(&url).write(activities(0, 3).into()).await.unwrap();

    let strange = credentials(&KeyPair::new_account(), &KeyPair::new_user(), None);
    let strange = written(folder.path(), "stranger.creds", &strange);
    let url = format!("{}?credentials={strange}", cluster.url());
    let error = store(&url)
        .write(activities(0, 1).into())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");

    let url = format!("{}?credentials=/nowhere.creds", cluster.url());
    let error = store(&url).set_up(&small()).await.unwrap_err();
    assert!(matches!(error, NatsError::File { .. }), "{error:?}");
    assert!(error.to_string().contains("/nowhere.creds"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_logs_in_and_a_mistyped_one_does_not() {
    let cluster = NatsCluster::new(&NatsOptions {
        settings: "authorization { token: \"s@cret\" }".to_owned(),
        ..NatsOptions::default()
    });
    let with = |token: &str| {
        cluster
            .url()
            .replace("nats://", &format!("nats://{token}@"))
    };
    store(&with("s%40cret")).set_up(&small()).await.unwrap();
    let error = store(&with("mistyped"))
        .write(activities(0, 1).into())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("mistyped"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_begins_with_tls_is_reached_by_who_begins_with_it_too() {
    let (root, issuer) = authority();
    let (certificate, key) = issued(&issuer, "127.0.0.1");
    let file = |name: &str, content: &str| (name.to_owned(), content.to_owned());
    let cluster = NatsCluster::new(&NatsOptions {
        settings: "tls { cert_file: \"server.pem\", key_file: \"key.pem\", handshake_first: true }"
            .to_owned(),
        files: vec![file("server.pem", &certificate), file("key.pem", &key)],
        release: NatsRelease::V2_15,
        ..NatsOptions::default()
    });
    let folder = tempfile::tempdir().unwrap();
    let ca = written(folder.path(), "ca.pem", &root);
    let url = format!("{}?tls_ca={ca}&tls_first=true", cluster.url());
    store(&url).set_up(&small()).await.unwrap();
    store(&url).write(activities(0, 3).into()).await.unwrap();

    // The server sends nothing before the handshake, so a client that waits for its greeting times
    // out.
    let builder = JetStreamStore::builder(&format!("{}?tls_ca={ca}", cluster.url())).unwrap();
    let waiting = builder.connect_timeout(Duration::from_secs(1)).build();
    let error = waiting
        .unwrap()
        .write(activities(0, 1).into())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
}
