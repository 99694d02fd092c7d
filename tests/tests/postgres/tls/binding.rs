//! Channel binding: the login is bound to the certificate, with the hash function of the
//! certificate's signature.

use tracker_tests::{
    openssl::Certificates,
    postgres::{ExclusiveServer, ServerOptions},
};

use super::{both, ours};

/// Starts a server with a self-signed certificate made with these options of `openssl req`.
fn server(options: &str) -> ExclusiveServer {
    let certificates = Certificates::new();
    certificates.openssl(&format!(
        "req -x509 -nodes -days 30 -subj /CN=localhost -keyout server.key -out server.crt {options}"
    ));
    ExclusiveServer::new(&ServerOptions {
        tls: Some(certificates.server("server", &[])),
        ..ServerOptions::default()
    })
}

async fn binds_as_psql_does(options: &str) {
    let server = server(options);
    let url = format!("{}?sslmode=require&channel_binding=require", server.url());
    assert_eq!(both(&url).await, [Some(true); 2], "{options}");
}

#[tokio::test]
async fn a_certificate_signed_with_rsa_binds_by_the_hash_function_of_its_signature() {
    for hash in ["sha224", "sha512"] {
        binds_as_psql_does(&format!("-newkey rsa:2048 -{hash}")).await;
    }
}

#[tokio::test]
async fn a_certificate_signed_with_ecdsa_binds_by_the_hash_function_of_its_signature() {
    for hash in ["sha384", "sha512"] {
        let curve = "-newkey ec -pkeyopt ec_paramgen_curve:secp384r1";
        binds_as_psql_does(&format!("{curve} -{hash}")).await;
    }
}

#[tokio::test]
async fn a_certificate_signed_with_rsassa_pss_binds_by_the_hash_function_of_its_parameters() {
    let signed = |hash| format!("-{hash} -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1");
    binds_as_psql_does(&format!("-newkey rsa:2048 {}", signed("sha512"))).await;
    // The key may be used for RSASSA-PSS alone.
    let key = "-newkey rsa-pss -pkeyopt rsa_keygen_bits:2048";
    binds_as_psql_does(&format!("{key} {}", signed("sha256"))).await;
}

#[tokio::test]
async fn without_a_hash_function_it_goes_without_binding_unless_that_is_required() {
    let server = server("-newkey ed25519");
    let with =
        |binding: &str| format!("{}?sslmode=require&channel_binding={binding}", server.url());
    for binding in ["prefer", "disable"] {
        assert_eq!(ours(&with(binding)).await, Ok(true), "{binding}");
    }
    let error = ours(&with("require")).await.unwrap_err();
    assert!(
        error.contains("channel_binding=prefer") && error.contains("Ed25519"),
        "{error}"
    );
}
