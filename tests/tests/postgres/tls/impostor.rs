//! A server that presents a certificate without having its key.

use std::{net::SocketAddr, sync::Arc};

use rustls::{
    ServerConfig,
    crypto::ring::{default_provider, sign::any_supported_type},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::{CertifiedKey, SingleCertAndKey},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use tracker_tests::openssl::Certificates;

/// Accepts one connection after another, and performs the TLS handshake, for as long as the test
/// runs.
pub(super) async fn listen(certificates: &Certificates, shown: &str, used: &str) -> SocketAddr {
    let certificate = certificates.read(&format!("{shown}.crt"));
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let key = certificates.read(&format!("{used}.key"));
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let key = CertifiedKey::new(vec![certificate], any_supported_type(&key).unwrap());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // The client requests TLS, and the server agrees.
            let mut request = [0; 8];
            if stream.read_exact(&mut request).await.is_ok() && stream.write_all(b"S").await.is_ok()
            {
                // The client's side of the test checks the outcome of the handshake.
                let _ = acceptor.accept(stream).await;
            }
        }
    });
    address
}
