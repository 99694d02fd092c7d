//! The server with tokens that an identity provider issues and signs.

use std::{
    fs,
    io::{Read, Write},
    time::{SystemTime, UNIX_EPOCH},
};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rsa::{pkcs1::EncodeRsaPrivateKey, traits::PublicKeyParts};
use serde_json::{Value, json};

use crate::serve::{PATH, Server, migrated};

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// Returns the claims of a valid token, with some replaced.
fn claims(over: &Value) -> Value {
    let mut claims = json!({
        "iss": "login", "aud": "console", "exp": now() + 600, "projects": ["project_7"],
    });
    for (name, value) in over.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

#[tokio::test]
async fn a_jwt_signed_with_the_secret_opens_the_projects_that_it_names() {
    const SECRET: &[u8] = b"thirty-two bytes and a few more of a secret";

    let place = migrated().await;
    let file = place.path().join("secret");
    fs::write(&file, [SECRET, b"\n"].concat()).unwrap();
    let arguments = [
        "--jwt-secret-file",
        file.to_str().unwrap(),
        "--jwt-issuer",
        "login",
        "--jwt-audience",
        "console",
    ];
    let server = Server::start(&place, &arguments);
    let signed = |header: &Header, over: Value, secret: &[u8]| {
        encode(header, &claims(&over), &EncodingKey::from_secret(secret)).unwrap()
    };
    let hs256 = Header::new(Algorithm::HS256);
    for (over, expected) in [
        (json!({}), 200),
        (json!({ "projects": "project_7" }), 200),
        (json!({ "projects": ["*"] }), 200),
        (json!({ "projects": ["project_8", 7] }), 404),
        (json!({ "projects": null }), 404),
        (json!({ "exp": now() - 3_600 }), 401),
        (json!({ "exp": null }), 401),
        (json!({ "nbf": now() + 3_600 }), 401),
        (json!({ "iss": "somebody" }), 401),
        (json!({ "aud": "something" }), 401),
        (json!({ "aud": null }), 401),
    ] {
        let token = signed(&hs256, over.clone(), SECRET);
        assert_eq!(server.status(PATH, &token), expected, "{over}");
    }
    let good = signed(&hs256, json!({}), SECRET);
    let (head, signature) = good.rsplit_once('.').unwrap();
    let (_, payload) = head.split_once('.').unwrap();
    // The header is `{"alg":"none"}`.
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    for token in [
        signed(
            &hs256,
            json!({}),
            b"another secret of thirty-two bytes and more",
        ),
        signed(&Header::new(Algorithm::HS384), json!({}), SECRET),
        unsigned,
        format!("{head}.{}", signature.to_ascii_lowercase()),
        "a.b.c".to_owned(),
    ] {
        assert_eq!(server.status(PATH, &token), 401, "{token}");
    }

    fs::write(&file, "short").unwrap();
    let short = place
        .run(&["serve", "--jwt-secret-file", file.to_str().unwrap()])
        .failed(1);
    assert!(short.contains("32 bytes"), "{short}");
}

fn base64url(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test]
async fn a_jwt_signed_with_a_key_of_the_set_opens_the_projects_that_it_names() {
    let place = migrated().await;
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2_048).unwrap();
    let (n, e) = (key.n().to_bytes_be(), key.e().to_bytes_be());
    let set = json!({ "keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "first", "n": base64url(&n), "e": base64url(&e),
    }] });
    let file = place.path().join("keys.json");
    fs::write(&file, set.to_string()).unwrap();
    let server = Server::start(
        &place,
        &[
            "--jwks",
            file.to_str().unwrap(),
            "--jwt-audience",
            "console",
        ],
    );
    let der = key.to_pkcs1_der().unwrap();
    let signing = EncodingKey::from_rsa_der(der.as_bytes());
    let signed = |algorithm: Algorithm, id: Option<&str>, over: Value| {
        let mut header = Header::new(algorithm);
        header.kid = id.map(str::to_owned);
        encode(&header, &claims(&over), &signing).unwrap()
    };
    let rs256 = Algorithm::RS256;
    assert_eq!(
        server.status(PATH, &signed(rs256, Some("first"), json!({}))),
        200
    );
    assert_eq!(server.status(PATH, &signed(rs256, None, json!({}))), 200);
    assert_eq!(
        server.status(PATH, &signed(rs256, Some("second"), json!({}))),
        401
    );
    assert_eq!(
        server.status(PATH, &signed(Algorithm::RS384, Some("first"), json!({}))),
        401
    );
    assert_eq!(
        server.status(PATH, &signed(rs256, None, json!({ "exp": now() - 3_600 }))),
        401
    );
    // The public key must not be accepted as a secret for HS256.
    let confused = encode(
        &Header::new(Algorithm::HS256),
        &claims(&json!({})),
        &EncodingKey::from_secret(&n),
    )
    .unwrap();
    assert_eq!(server.status(PATH, &confused), 401);

    fs::write(&file, r#"{"keys": []}"#).unwrap();
    let empty = place
        .run(&["serve", "--jwks", file.to_str().unwrap()])
        .failed(1);
    assert!(empty.contains("RSA"), "{empty}");
}

#[tokio::test]
async fn a_stream_ends_when_the_token_has_expired_for_a_minute() {
    const SECRET: &[u8] = b"thirty-two bytes and a few more of a secret";

    let place = migrated().await;
    let file = place.path().join("secret");
    fs::write(&file, SECRET).unwrap();
    let arguments = [
        "--jwt-secret-file",
        file.to_str().unwrap(),
        "--jwt-audience",
        "console",
    ];
    let server = Server::start(&place, &arguments);
    // A busy machine may take this long to begin, and a read waits for longer.
    let expires = now() - 50;
    let claims = claims(&json!({ "exp": expires }));
    let key = EncodingKey::from_secret(SECRET);
    let token = encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
    let mut stream = server.connect();
    let authorization = format!("authorization: Bearer {token}");
    write!(
        stream,
        "GET {PATH}/stream HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{authorization}\r\n\r\n"
    )
    .unwrap();
    let mut events = String::new();
    stream.read_to_string(&mut events).unwrap();
    assert!(events.contains("event: ready"), "{events}");
    assert!(now() > expires + 60);
    assert_eq!(server.status(PATH, &token), 401);
}
