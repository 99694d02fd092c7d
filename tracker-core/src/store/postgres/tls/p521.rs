//! Verifies signatures of keys on the curve P-521, which ring lacks.

use p521::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier};
use rustls::{
    SignatureScheme,
    pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id},
};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// The algorithm of handshakes. There are none with such a key in TLS 1.2, which requires the curve
/// among those for the key exchange too, and ring has no P-521 for that.
pub(super) const OF_HANDSHAKES: (SignatureScheme, &dyn SignatureVerificationAlgorithm) =
    (SignatureScheme::ECDSA_NISTP521_SHA512, OF_CERTIFICATES[0]);

/// The algorithms of certificates that such a key has signed.
pub(super) const OF_CERTIFICATES: [&dyn SignatureVerificationAlgorithm; 3] = [
    &P521 {
        signature: alg_id::ECDSA_SHA512,
        hash: |message| Sha512::digest(message).to_vec(),
    },
    &P521 {
        signature: alg_id::ECDSA_SHA384,
        hash: |message| Sha384::digest(message).to_vec(),
    },
    &P521 {
        signature: alg_id::ECDSA_SHA256,
        hash: |message| Sha256::digest(message).to_vec(),
    },
];

/// The size of an element of the curve's field, in bytes.
const FIELD_BYTES: usize = 66;

#[derive(Debug)]
struct P521 {
    signature: AlgorithmIdentifier,
    hash: fn(&[u8]) -> Vec<u8>,
}

impl SignatureVerificationAlgorithm for P521 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = Signature::from_der(signature).map_err(|_| InvalidSignature)?;
        // Padded to the field's size, which keeps its value: p521 0.14 takes no hash of less than
        // half that size.
        let hash = (self.hash)(message);
        let mut number = [0; FIELD_BYTES];
        number[FIELD_BYTES - hash.len()..].copy_from_slice(&hash);
        key.verify_prehash(&number, &signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}
