//! Identities of users and servers: certificates, and the JWTs of accounts and users.

use std::{fs, path::Path};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use nkeys::KeyPair;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair as TlsKey};
use serde_json::{Value, json};
use tracker_tests::nats::NatsOptions;

/// Returns the certificate of a new authority as PEM, and the issuer for its certificates.
pub(crate) fn authority() -> (String, Issuer<'static, TlsKey>) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let name = &mut params.distinguished_name;
    name.push(DnType::CommonName, "test authority");
    let key = TlsKey::generate().unwrap();
    let root = params.self_signed(&key).unwrap().pem();
    (root, Issuer::new(params, key))
}

/// Returns a certificate for a name, issued by the authority, and its key, both as PEM.
pub(crate) fn issued(authority: &Issuer<'static, TlsKey>, name: &str) -> (String, String) {
    let key = TlsKey::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    (certificate.pem(), key.serialize_pem())
}

/// Returns a JWT of NATS, which is signed with an Ed25519 key in NATS's own encoding.
fn jwt(
    issuer: &KeyPair,
    subject: &KeyPair,
    name: &str,
    expires: Option<u64>,
    nats: &Value,
) -> String {
    let encoded = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let head = encoded(json!({ "typ": "JWT", "alg": "ed25519-nkey" }));
    let claims = encoded(json!({
        "jti": name,
        "iat": 1_700_000_000,
        "iss": issuer.public_key(),
        "exp": expires,
        "name": name,
        "sub": subject.public_key(),
        "nats": nats,
    }));
    let signed = format!("{head}.{claims}");
    let signature = issuer.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Returns the JWT of an account. `room` is its storage limit for JetStream: `-1` for no limit, `0`
/// for none.
fn account(operator: &KeyPair, account: &KeyPair, name: &str, room: i64) -> String {
    let unlimited = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
        "mem_storage": room, "disk_storage": room, "streams": -1, "consumer": -1,
    });
    let nats =
        json!({ "limits": unlimited, "default_permissions": {}, "type": "account", "version": 2 });
    jwt(operator, account, name, None, &nats)
}

/// Returns the credentials file of a user of the account. It expires at `expires`, in seconds since
/// the Unix epoch.
pub(crate) fn credentials(account: &KeyPair, user: &KeyPair, expires: Option<u64>) -> String {
    limited_credentials(account, user, expires, -1)
}

/// Like [`credentials`], with a limit to the bytes of a message.
pub(crate) fn limited_credentials(
    account: &KeyPair,
    user: &KeyPair,
    expires: Option<u64>,
    payload: i64,
) -> String {
    let nats = json!({ "subs": -1, "data": -1, "payload": payload, "pub": {}, "sub": {}, "type": "user", "version": 2 });
    let jwt = jwt(account, user, "worker", expires, &nats);
    let seed = user.seed().unwrap();
    format!(
        "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )
}

/// Returns the options of a server that authenticates the account's users by their JWTs.
pub(crate) fn of_account(workers: &KeyPair) -> NatsOptions {
    let (operator, system) = (KeyPair::new_operator(), KeyPair::new_account());
    let claims = json!({ "type": "operator", "version": 2 });
    let operator_jwt = jwt(&operator, &operator, "operator", None, &claims);
    NatsOptions {
        settings: format!(
            "operator: \"{operator_jwt}\"\nsystem_account: {system}\nresolver: MEMORY\n\
             resolver_preload {{ {workers}: \"{workers_jwt}\", {system}: \"{system_jwt}\" }}",
            system = system.public_key(),
            workers = workers.public_key(),
            workers_jwt = account(&operator, workers, "workers", -1),
            system_jwt = account(&operator, &system, "system", 0),
        ),
        ..NatsOptions::default()
    }
}

pub(crate) fn written(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.display().to_string()
}
