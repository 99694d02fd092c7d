//! A server that authenticates clients by certificate, without a password. `psql` connects with the
//! same URLs.

use tracker_core::store::postgres::{ConnectionOptions, TlsError};
use tracker_tests::{
    openssl::Certificates,
    postgres::{ExclusiveServer, ServerOptions},
};

use super::{both, ours};

/// Starts a server that accepts certificates of the authority `root` for a role, and returns it
/// with its files.
fn server() -> (Certificates, ExclusiveServer) {
    let certificates = Certificates::new();
    certificates.authority("root");
    certificates.version_1("server", "localhost", "root");
    certificates.set_mode("root.crt", 0o644);
    certificates.write(
        "pg_hba.conf",
        "hostssl all all 127.0.0.1/32 cert\nhostnossl all all 127.0.0.1/32 scram-sha-256\n",
    );
    let (root, hba) = (
        certificates.path("root.crt"),
        certificates.path("pg_hba.conf"),
    );
    let server = ExclusiveServer::new(&ServerOptions {
        tls: Some(certificates.server("server", &[])),
        settings: vec![
            format!("ssl_ca_file={}", root.display()),
            format!("hba_file={}", hba.display()),
        ],
    });
    (certificates, server)
}

/// Makes a certificate `client.crt` for the role `postgres`, and its key in each form. Only the
/// owner can read the keys.
fn keys(certificates: &Certificates) {
    certificates.version_1("client", "postgres", "root");
    let convert =
        |to: &str| certificates.openssl(&format!("{to} -in client.key -out {}", file_of(to)));
    convert("rsa -traditional");
    convert("pkcs8 -topk8 -nocrypt -outform DER");
    convert("pkcs8 -topk8 -passout pass:s3cret");
    convert("pkcs8 -topk8 -outform DER -passout pass:s3cret");
    certificates.set_mode("client.key", 0o600);
}

fn file_of(conversion: &str) -> String {
    let file = format!("{}.key", conversion.replace([' ', ':'], "_"));
    file.trim_start_matches('-').to_owned()
}

fn url(server: &ExclusiveServer, certificates: &Certificates, key: &str, more: &str) -> String {
    format!(
        "{}?sslmode=require&sslcert={}&sslkey={}{more}",
        server.url(),
        certificates.path("client.crt").display(),
        certificates.path(key).display()
    )
}

#[tokio::test]
async fn a_certificate_is_shown_with_its_key_in_any_form_that_psql_takes() {
    let (certificates, server) = server();
    keys(&certificates);
    let password = "&sslpassword=s3cret";
    for (key, more) in [
        ("client.key".to_owned(), ""),
        (file_of("rsa -traditional"), ""),
        (file_of("pkcs8 -topk8 -nocrypt -outform DER"), ""),
        (file_of("pkcs8 -topk8 -passout pass:s3cret"), password),
    ] {
        certificates.set_mode(&key, 0o600);
        let url = url(&server, &certificates, &key, more);
        assert_eq!(both(&url).await, [Some(true); 2], "{key}");
    }
    // libpq 15 takes no encrypted key as DER.
    let key = file_of("pkcs8 -topk8 -outform DER -passout pass:s3cret");
    certificates.set_mode(&key, 0o600);
    assert_eq!(
        ours(&url(&server, &certificates, &key, password)).await,
        Ok(true)
    );
}

#[tokio::test]
async fn a_certificate_with_a_key_on_a_curve_is_shown_too() {
    let (certificates, server) = server();
    certificates.openssl(
        "req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=postgres -keyout client.pem \
         -out client.csr",
    );
    certificates.openssl(
        "x509 -req -in client.csr -days 30 -CA root.crt -CAkey root.key -CAcreateserial -out client.crt",
    );
    certificates.openssl("ec -in client.pem -out sec1.pem");
    for key in ["client.pem", "sec1.pem"] {
        certificates.set_mode(key, 0o600);
        let url = url(&server, &certificates, key, "");
        assert_eq!(both(&url).await, [Some(true); 2], "{key}");
    }
}

#[tokio::test]
async fn without_the_right_certificate_and_key_nobody_is_let_in() {
    let (certificates, server) = server();
    keys(&certificates);
    certificates.authority("other");
    certificates.set_mode("other.key", 0o600);
    let encrypted = file_of("pkcs8 -topk8 -passout pass:s3cret");
    certificates.set_mode(&encrypted, 0o600);

    let without = format!("{}?sslmode=require", server.url());
    let disabled = url(&server, &certificates, "client.key", "&sslcertmode=disable");
    for url in [without, disabled] {
        let error = ours(&url).await.unwrap_err();
        assert!(error.contains("client certificate"), "{error}");
    }
    for (key, more) in [
        ("other.key", ""),
        (&encrypted, "&sslpassword=wrong"),
        ("gone.key", ""),
    ] {
        let url = url(&server, &certificates, key, more);
        assert_eq!(both(&url).await, [None; 2], "{key}");
    }
    certificates.set_mode("client.key", 0o644);
    let url = url(&server, &certificates, "client.key", "");
    assert_eq!(both(&url).await, [None; 2]);
}

#[test]
fn what_is_wrong_with_a_key_is_a_typed_error() {
    let certificates = Certificates::new();
    certificates.authority("root");
    certificates.authority("other");
    certificates.version_1("client", "postgres", "root");
    certificates.openssl("pkcs8 -topk8 -in client.key -passout pass:s3cret -out encrypted.key");
    certificates
        .openssl("genpkey -algorithm ec -pkeyopt ec_paramgen_curve:secp521r1 -out p521.key");
    certificates.write("none.key", "no key");
    let error = |key: &str, more: &str| {
        certificates.set_mode(key, 0o600);
        let text = format!(
            "host=localhost sslmode=require sslcert={} sslkey={} {more}",
            certificates.path("client.crt").display(),
            certificates.path(key).display(),
        );
        let options = ConnectionOptions::parse(&text).unwrap();
        match options.manager() {
            Ok(_) => panic!("{key} was taken"),
            Err(error) => error,
        }
    };
    assert!(matches!(
        error("other.key", ""),
        TlsError::KeyOfAnother { .. }
    ));
    assert!(matches!(
        error("none.key", ""),
        TlsError::UnusableKey { .. }
    ));
    assert!(matches!(
        error("p521.key", ""),
        TlsError::UnusableKey { .. }
    ));
    let missing = error("encrypted.key", "");
    assert!(
        missing.to_string().contains("give its password"),
        "{missing}"
    );
    let wrong = error("encrypted.key", "sslpassword=wrong");
    assert!(wrong.to_string().contains("check `sslpassword`"), "{wrong}");
    assert!(!wrong.to_string().contains("wrong"), "{wrong}");
}
