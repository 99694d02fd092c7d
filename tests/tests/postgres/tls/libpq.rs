//! The same URLs with this client and with `psql`, with certificates that the command `openssl`
//! makes.

use tracker_tests::{
    openssl::Certificates,
    postgres::{ExclusiveServer, ServerOptions, ServerTls},
};

use super::{both, ours};

const TLS: [Option<bool>; 2] = [Some(true); 2];
const REFUSED: [Option<bool>; 2] = [None; 2];

fn server(tls: ServerTls) -> ExclusiveServer {
    ExclusiveServer::new(&ServerOptions {
        tls: Some(tls),
        ..ServerOptions::default()
    })
}

/// Checks the outcome of each mode with both clients. The server's certificate is for `localhost`
/// and issued by `root`.
async fn take_the_right_root_alone(
    certificates: &Certificates,
    server: &ExclusiveServer,
    root: &str,
) {
    certificates.authority("other");
    let root = certificates.path(&format!("{root}.crt"));
    let other = certificates.path("other.crt");
    for (host, mode, root, expected) in [
        ("localhost", "prefer", None, TLS),
        ("localhost", "require", None, TLS),
        ("localhost", "require", Some(&root), TLS),
        ("localhost", "verify-ca", Some(&root), TLS),
        ("localhost", "verify-full", Some(&root), TLS),
        ("localhost", "require", Some(&other), REFUSED),
        ("localhost", "verify-ca", Some(&other), REFUSED),
        ("localhost", "verify-full", Some(&other), REFUSED),
        ("other.example", "verify-ca", Some(&root), TLS),
        ("other.example", "verify-full", Some(&root), REFUSED),
    ] {
        let url = server.url();
        let root = root.map_or_else(String::new, |root| {
            format!("&sslrootcert={}", root.display())
        });
        let url = format!("{url}?host={host}&hostaddr=127.0.0.1&sslmode={mode}{root}");
        assert_eq!(both(&url).await, expected, "{host} {mode} {root}");
    }
}

#[tokio::test]
async fn a_certificate_of_version_1_is_taken_as_by_psql() {
    let certificates = Certificates::new();
    certificates.authority("root");
    certificates.version_1("server", "localhost", "root");
    let server = server(certificates.server("server", &[]));
    take_the_right_root_alone(&certificates, &server, "root").await;
}

#[tokio::test]
async fn a_certificate_of_version_1_by_an_intermediate_authority_is_taken_as_by_psql() {
    let certificates = Certificates::new();
    certificates.authority("root");
    for (name, extensions) in [
        ("intermediate", "basicConstraints=critical,CA:true"),
        ("no_authority", "basicConstraints=critical,CA:false"),
    ] {
        certificates.write(&format!("{name}.cnf"), extensions);
        certificates.openssl(&format!(
            "req -new -newkey rsa:2048 -nodes -subj /CN={name}.example -keyout {name}.key -out {name}.csr"
        ));
        certificates.openssl(&format!(
            "x509 -req -in {name}.csr -days 30 -extfile {name}.cnf -CA root.crt -CAkey root.key -CAcreateserial -out {name}.crt"
        ));
        certificates.version_1(&format!("by_{name}"), "localhost", name);
    }
    let by_authority = server(certificates.server("by_intermediate", &["intermediate"]));
    take_the_right_root_alone(&certificates, &by_authority, "root").await;

    let by_none = server(certificates.server("by_no_authority", &["no_authority"]));
    let root = certificates.path("root.crt");
    let url = format!(
        "{}?host=localhost&hostaddr=127.0.0.1&sslmode=verify-ca&sslrootcert={}",
        by_none.url(),
        root.display()
    );
    assert_eq!(both(&url).await, REFUSED);
}

#[tokio::test]
async fn an_authority_that_is_restricted_to_some_names_can_not_get_around_it_by_a_common_name() {
    let certificates = Certificates::new();
    certificates.authority("root");
    certificates.write("server.cnf", "keyUsage=digitalSignature");
    for name in ["free", "restricted"] {
        let constraints = match name {
            "free" => "basicConstraints=critical,CA:true",
            _ => {
                "basicConstraints=critical,CA:true\nnameConstraints=critical,permitted;DNS:allowed.example"
            }
        };
        certificates.write(&format!("{name}.cnf"), constraints);
        for (subject, by, of) in [(name, "root", name), ("server", name, "server.example")] {
            let file = if subject == "server" {
                format!("by_{name}")
            } else {
                name.to_owned()
            };
            certificates.openssl(&format!(
                "req -new -newkey rsa:2048 -nodes -subj /CN={of} -keyout {file}.key -out {file}.csr"
            ));
            certificates.openssl(&format!(
                "x509 -req -in {file}.csr -days 30 -extfile {subject}.cnf -CA {by}.crt -CAkey {by}.key -CAcreateserial -out {file}.crt"
            ));
        }
        let server = server(certificates.server(&format!("by_{name}"), &[name]));
        let url = format!(
            "{}?host=server.example&hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={}",
            server.url(),
            certificates.path("root.crt").display()
        );
        let expected = if name == "free" { TLS } else { REFUSED };
        assert_eq!(both(&url).await, expected, "{name}");
    }
}

#[tokio::test]
async fn the_manuals_self_signed_certificate_is_its_own_root_as_for_psql() {
    let certificates = Certificates::new();
    certificates.openssl(
        "req -new -x509 -days 30 -nodes -text -out server.crt -keyout server.key -subj /CN=localhost",
    );
    let server = server(certificates.server("server", &[]));
    take_the_right_root_alone(&certificates, &server, "server").await;
}

#[tokio::test]
async fn an_expired_certificate_is_refused_where_psql_refuses_it() {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2020, 2, 1);
    let certificate = params.self_signed(&key).unwrap().pem();
    let certificates = Certificates::new();
    certificates.write("server.crt", &certificate);
    let root = certificates.path("server.crt");
    let server = server(ServerTls {
        certificate_pem: certificate,
        key_pem: key.serialize_pem(),
    });
    for (query, expected) in [
        ("sslmode=require".to_owned(), TLS),
        (
            format!("sslmode=verify-ca&sslrootcert={}", root.display()),
            REFUSED,
        ),
    ] {
        let url = format!("{}?{query}", server.url());
        assert_eq!(both(&url).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_key_on_p_521_is_taken_as_by_psql() {
    let certificates = Certificates::new();
    certificates.openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:secp521r1 -nodes -days 30 -subj /CN=root.example \
         -keyout root.key -out root.crt",
    );
    certificates.openssl(
        "req -new -newkey ec -pkeyopt ec_paramgen_curve:secp521r1 -nodes -subj /CN=localhost -keyout server.key \
         -out server.csr",
    );
    certificates.write("server.cnf", "subjectAltName=DNS:localhost");
    certificates.openssl(
        "x509 -req -in server.csr -days 30 -extfile server.cnf -CA root.crt -CAkey root.key -CAcreateserial -out server.crt",
    );
    let server = server(certificates.server("server", &[]));
    take_the_right_root_alone(&certificates, &server, "root").await;
}

#[tokio::test]
async fn an_alternative_name_is_for_hosts_of_its_kind_as_for_psql() {
    let certificates = Certificates::new();
    certificates.openssl(
        "req -new -x509 -days 30 -nodes -out server.crt -keyout server.key -subj /CN=common.example \
         -addext subjectAltName=DNS:*.wild.example,DNS:exact.example",
    );
    let server = server(certificates.server("server", &[]));
    let root = certificates.path("server.crt");
    for (host, expected) in [
        ("exact.example", TLS),
        ("EXACT.example", TLS),
        ("a.wild.example", TLS),
        ("a.b.wild.example", REFUSED),
        ("wild.example", REFUSED),
        // A common name counts only if there is no alternative name.
        ("common.example", REFUSED),
        ("127.0.0.1", REFUSED),
    ] {
        let url = format!(
            "{}?host={host}&hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={}",
            server.url(),
            root.display()
        );
        assert_eq!(both(&url).await, expected, "{host}");
    }
}

#[tokio::test]
async fn a_server_that_has_not_the_key_of_its_certificate_is_taken_under_no_mode() {
    // Postgres checks its own key, so it can't be such a server. This test has a handshake of its
    // own.
    let certificates = Certificates::new();
    for name in ["shown", "used"] {
        certificates.openssl(&format!(
            "req -new -x509 -days 30 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=localhost \
             -keyout {name}.key -out {name}.crt"
        ));
    }
    let address = super::impostor::listen(&certificates, "shown", "used").await;
    let url = format!(
        "postgres://u:p@localhost:{}/db?hostaddr=127.0.0.1&sslmode=require",
        address.port()
    );
    let error = ours(&url).await.unwrap_err();
    assert!(
        error.contains("BadSignature") || error.contains("signature"),
        "{error}"
    );
}
