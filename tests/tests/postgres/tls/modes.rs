//! Each `sslmode` with real servers: one that offers TLS, whose certificate is for `localhost` and
//! from an authority of its own, and one that does not.

use std::error::Error;
use std::io::{self, Write as _};
use std::sync::LazyLock;

use deadpool_postgres::PoolError;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::CertificateError;
use tempfile::NamedTempFile;
use tracker_core::store::postgres::{ConnectionOptions, TlsError};
use tracker_core::{PostgresStore, Store, StoreError};
use tracker_tests::postgres::{ExclusiveServer, ServerOptions, ServerTls};

use super::encrypted;

/// The host name of the server's certificate.
const NAME: &str = "localhost";

struct TlsServer {
    server: ExclusiveServer,
    /// The certificate of the authority that issued the server's, as PEM.
    root: String,
}

/// The server with TLS. The tests of this process share it, since they only connect to it.
static TLS_SERVER: LazyLock<TlsServer> = LazyLock::new(|| {
    let (root, authority) = authority();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([NAME.to_owned()])
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let tls = Some(ServerTls {
        certificate_pem: certificate.pem(),
        key_pem: key.serialize_pem(),
    });
    TlsServer {
        server: ExclusiveServer::new(&ServerOptions {
            tls,
            ..ServerOptions::default()
        }),
        root,
    }
});
static PLAINTEXT_SERVER: LazyLock<ExclusiveServer> =
    LazyLock::new(|| ExclusiveServer::new(&ServerOptions::default()));

/// Returns the certificate of a new authority as PEM, and the issuer for its certificates.
fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(DnType::CommonName, "test authority");
    let key = KeyPair::generate().unwrap();
    let root = params.self_signed(&key).unwrap().pem();
    (root, Issuer::new(params, key))
}

fn file(pem: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(pem.as_bytes()).unwrap();
    file
}

/// Connects to the server by the host `name`, which resolves to its address, and returns whether
/// the connection is encrypted.
async fn connect(
    server: &ExclusiveServer,
    name: &str,
    sslmode: &str,
    root: Option<&NamedTempFile>,
) -> Result<bool, PoolError> {
    let root = root.map_or("", |file| file.path().to_str().unwrap());
    let url = server.url();
    let options = ConnectionOptions::parse(&format!(
        "{url}?host={name}&hostaddr=127.0.0.1&sslmode={sslmode}&sslrootcert={root}"
    ))
    .unwrap();
    encrypted(&options).await
}

/// Returns the reason for which the server's certificate was refused.
fn refusal(error: &PoolError) -> CertificateError {
    let mut source = error.source();
    while let Some(error) = source {
        // `source` skips the error inside an `io::Error`.
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        let error = wrapped.map_or(error, |wrapped| wrapped as &dyn Error);
        if let Some(rustls::Error::InvalidCertificate(reason)) = error.downcast_ref() {
            return reason.clone();
        }
        source = error.source();
    }
    panic!("no certificate was refused: {error:?}");
}

#[tokio::test]
async fn verify_full_takes_the_right_root_and_name() {
    let TlsServer { server, root } = &*TLS_SERVER;
    let root = file(root);
    for mode in ["verify-full", "verify-ca", "require"] {
        assert!(connect(server, NAME, mode, Some(&root)).await.unwrap());
    }
}

#[tokio::test]
async fn the_wrong_root_is_refused_by_every_mode_that_has_one() {
    let server = &TLS_SERVER.server;
    let (other_root, _) = authority();
    let root = file(&other_root);
    for mode in ["verify-full", "verify-ca", "require"] {
        let error = connect(server, NAME, mode, Some(&root)).await.unwrap_err();
        let reason = refusal(&error);
        assert!(
            matches!(
                reason,
                CertificateError::UnknownIssuer | CertificateError::BadSignature
            ),
            "{mode}: {reason:?}"
        );
    }
}

#[tokio::test]
async fn one_right_root_among_others_is_enough() {
    let TlsServer { server, root } = &*TLS_SERVER;
    let roots = file(&format!("# Two authorities\n{}\n{root}", authority().0));
    assert!(
        connect(server, NAME, "verify-full", Some(&roots))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn verify_full_refuses_a_certificate_for_another_name() {
    let TlsServer { server, root } = &*TLS_SERVER;
    let root = file(root);
    for name in ["other.example", "127.0.0.1"] {
        let error = connect(server, name, "verify-full", Some(&root))
            .await
            .unwrap_err();
        let reason = refusal(&error);
        assert!(
            matches!(reason, CertificateError::NotValidForNameContext { .. }),
            "{name}: {reason:?}"
        );
    }
}

#[tokio::test]
async fn verify_ca_forgives_the_name() {
    let TlsServer { server, root } = &*TLS_SERVER;
    let root = file(root);
    assert!(
        connect(server, "other.example", "verify-ca", Some(&root))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn verify_full_without_a_root_file_asks_the_system_which_does_not_know_this_authority() {
    let url = TLS_SERVER.server.url();
    let options = ConnectionOptions::parse(&format!("{url}?sslmode=verify-full")).unwrap();
    if let Err(error) = options.manager() {
        // The system has no roots at all.
        assert!(matches!(error, TlsError::NoSystemRoots { .. }), "{error:?}");
    } else {
        let error = encrypted(&options).await.unwrap_err();
        assert_eq!(refusal(&error), CertificateError::UnknownIssuer);
    }
}

#[tokio::test]
async fn require_and_prefer_encrypt_with_whoever_answers() {
    let server = &TLS_SERVER.server;
    for mode in ["require", "prefer", ""] {
        assert!(connect(server, "other.example", mode, None).await.unwrap());
    }
}

#[tokio::test]
async fn an_address_without_a_name_is_encrypted_too() {
    let url = TLS_SERVER.server.url();
    let options = format!("{url}?host=&hostaddr=127.0.0.1&sslmode=require");
    assert!(
        encrypted(&ConnectionOptions::parse(&options).unwrap())
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn disable_sends_plaintext_even_where_tls_is_offered() {
    assert!(
        !connect(&TLS_SERVER.server, NAME, "disable", None)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_server_without_tls_is_reached_by_disable_and_prefer_alone() {
    let server = &*PLAINTEXT_SERVER;
    for mode in ["disable", "prefer", ""] {
        assert!(!connect(server, NAME, mode, None).await.unwrap());
    }
    let root = file(&authority().0);
    for mode in ["require", "verify-ca", "verify-full"] {
        let error = connect(server, NAME, mode, Some(&root)).await.unwrap_err();
        let PoolError::Backend(error) = error else {
            panic!("no error of the connection: {error:?}");
        };
        let reason = error.source().map(ToString::to_string);
        assert_eq!(
            reason.as_deref(),
            Some("server does not support TLS"),
            "{mode}"
        );
    }
}

/// Returns the store's error message about a server to which no protected connection can be made.
async fn advice(
    server: &ExclusiveServer,
    name: &str,
    mode: &str,
    root: Option<&NamedTempFile>,
) -> String {
    let root = root.map_or("", |file| file.path().to_str().unwrap());
    let url = server.url();
    let store = PostgresStore::new(format!(
        "{url}?host={name}&hostaddr=127.0.0.1&sslmode={mode}&sslrootcert={root}"
    ))
    .unwrap();
    let (checked, migrated) = (store.check().await, store.migrate().await);
    for error in [checked.unwrap_err(), migrated.unwrap_err()] {
        assert!(matches!(error, StoreError::Tls { .. }), "{error:?}");
    }
    let error = store.check().await.unwrap_err();
    assert!(error.source().is_some());
    error.to_string()
}

#[tokio::test]
async fn a_refused_certificate_says_so_and_what_to_do() {
    let TlsServer { server, root } = &*TLS_SERVER;
    let (root, other) = (file(root), file(&authority().0));
    for (name, mode, root, words) in [
        (
            "db.example",
            "verify-full",
            &root,
            "its certificate is for another host",
        ),
        (
            NAME,
            "verify-full",
            &other,
            "an authority that is not trusted, or signed by itself",
        ),
        (
            NAME,
            "verify-ca",
            &other,
            "an authority that is not trusted, or signed by itself",
        ),
    ] {
        let told = advice(server, name, mode, Some(root)).await;
        assert!(told.contains(words), "{told}");
        assert!(!told.contains("can't reach"), "{told}");
    }
    let told = advice(&PLAINTEXT_SERVER, NAME, "require", None).await;
    assert!(told.contains("turn TLS on in the server"), "{told}");
}
