//! TLS, and the ways to say who one is.

use std::{fs, path::Path, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use nkeys::KeyPair;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair as TlsKey};
use serde_json::{Value, json};
use tracker_core::{JetStreamStore, Store, StoreError, nats::NatsError};
use tracker_tests::nats::{NatsCluster, NatsOptions};

use crate::support::{activities, small};

/// A certificate authority: its certificate as PEM, and what issues others.
fn authority() -> (String, Issuer<'static, TlsKey>) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let name = &mut params.distinguished_name;
    name.push(DnType::CommonName, "test authority");
    let key = TlsKey::generate().unwrap();
    let root = params.self_signed(&key).unwrap().pem();
    (root, Issuer::new(params, key))
}

/// A certificate of the authority for this name, and its key, as PEM.
fn issued(authority: &Issuer<'static, TlsKey>, name: &str) -> (String, String) {
    let key = TlsKey::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    (certificate.pem(), key.serialize_pem())
}

fn store(url: &str) -> JetStreamStore {
    let builder = JetStreamStore::builder(url).unwrap();
    let limit = Duration::from_secs(5);
    let builder = builder.answer_timeout(limit).connect_timeout(limit);
    builder.build().unwrap()
}

fn written(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.display().to_string()
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
        // Nobody is known by this authority.
        format!("{place}?tls_ca={other_ca}&{own}"),
        // The server wants to know who it is.
        format!("{place}?tls_ca={ca}"),
        // And takes nothing in clear.
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

/// A JWT of NATS: signed with an Ed25519 key of its own encoding.
fn jwt(issuer: &KeyPair, subject: &KeyPair, name: &str, nats: &Value) -> String {
    let encoded = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let head = encoded(json!({ "typ": "JWT", "alg": "ed25519-nkey" }));
    let claims = encoded(json!({
        "jti": name,
        "iat": 1_700_000_000,
        "iss": issuer.public_key(),
        "name": name,
        "sub": subject.public_key(),
        "nats": nats,
    }));
    let signed = format!("{head}.{claims}");
    let signature = issuer.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// An account with JetStream, unless it has room for nothing.
fn account(operator: &KeyPair, account: &KeyPair, name: &str, room: i64) -> String {
    let unlimited = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
        "mem_storage": room, "disk_storage": room, "streams": -1, "consumer": -1,
    });
    let nats =
        json!({ "limits": unlimited, "default_permissions": {}, "type": "account", "version": 2 });
    jwt(operator, account, name, &nats)
}

fn credentials(account: &KeyPair, user: &KeyPair) -> String {
    let nats = json!({ "subs": -1, "data": -1, "payload": -1, "pub": {}, "sub": {}, "type": "user", "version": 2 });
    let jwt = jwt(account, user, "worker", &nats);
    let seed = user.seed().unwrap();
    format!(
        "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credentials_file_logs_in_and_one_of_a_stranger_does_not() {
    let operator = KeyPair::new_operator();
    let (workers, system) = (KeyPair::new_account(), KeyPair::new_account());
    let operator_jwt = jwt(
        &operator,
        &operator,
        "operator",
        &json!({ "type": "operator", "version": 2 }),
    );
    let cluster = NatsCluster::new(&NatsOptions {
        settings: format!(
            "operator: \"{operator_jwt}\"\nsystem_account: {system}\nresolver: MEMORY\n\
             resolver_preload {{ {workers}: \"{workers_jwt}\", {system}: \"{system_jwt}\" }}",
            system = system.public_key(),
            workers = workers.public_key(),
            workers_jwt = account(&operator, &workers, "workers", -1),
            system_jwt = account(&operator, &system, "system", 0),
        ),
        ..NatsOptions::default()
    });
    let folder = tempfile::tempdir().unwrap();
    let own = credentials(&workers, &KeyPair::new_user());
    let own = written(folder.path(), "worker.creds", &own);
    let url = format!("{}?credentials={own}", cluster.url());
    store(&url).set_up(&small()).await.unwrap();
    store(&url).write(activities(0, 3).into()).await.unwrap();

    let strange = credentials(&KeyPair::new_account(), &KeyPair::new_user());
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
