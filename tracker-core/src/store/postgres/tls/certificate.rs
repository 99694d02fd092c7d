//! Reads a certificate without checking its form. rustls reads none of version 1, and does not tell
//! the algorithm that signed one.

use rustls::{
    CertificateError,
    pki_types::{
        AlgorithmIdentifier, CertificateDer, ServerName, SignatureVerificationAlgorithm, UnixTime,
    },
};
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use x509_cert::{
    certificate::{CertificateInner, Raw, TbsCertificateInner, Version},
    der::{
        Any, AnyRef, Decode, Encode, Reader, SliceReader, TagNumber,
        asn1::{ContextSpecific, ObjectIdentifier},
        oid::{
            AssociatedOid,
            db::{rfc4519::COMMON_NAME, rfc5912},
        },
    },
    ext::pkix::{
        BasicConstraints, ExtendedKeyUsage, KeyUsage, NameConstraints, SubjectAltName,
        name::GeneralName,
    },
    spki,
};

pub(super) struct Certificate {
    content: CertificateInner<Raw>,
    /// The signed part, as DER.
    certified: Vec<u8>,
}

impl Certificate {
    pub(super) fn parse(der: &CertificateDer<'_>) -> Result<Self, CertificateError> {
        let parsed = CertificateInner::from_der(der).and_then(|content| {
            let whole = AnyRef::from_der(der)?;
            let certified = SliceReader::new(whole.value())?.tlv_bytes()?.to_vec();
            Ok(Self { content, certified })
        });
        parsed.map_err(|_| CertificateError::BadEncoding)
    }

    fn told(&self) -> &TbsCertificateInner<Raw> {
        self.content.tbs_certificate()
    }

    pub(super) fn is_of_version_1(&self) -> bool {
        self.told().version() == Version::V1
    }

    pub(super) fn is_self_issued(&self) -> bool {
        self.told().issuer() == self.told().subject()
    }

    pub(super) fn check_time(&self, now: UnixTime) -> Result<(), CertificateError> {
        let validity = self.told().validity();
        if now.as_secs() < validity.not_before.to_unix_duration().as_secs() {
            Err(CertificateError::NotValidYet)
        } else if now.as_secs() > validity.not_after.to_unix_duration().as_secs() {
            Err(CertificateError::Expired)
        } else {
            Ok(())
        }
    }

    /// Returns whether the public key is this one, as DER.
    pub(super) fn has_key(&self, key: &[u8]) -> bool {
        let ours = self.told().subject_public_key_info().to_der();
        ours.is_ok_and(|ours| ours == key)
    }

    /// Returns whether this certificate's key made `signature` over `message`. The key must be of
    /// the algorithm's kind unless `any_key`.
    pub(super) fn has_signed(
        &self,
        algorithm: &dyn SignatureVerificationAlgorithm,
        any_key: bool,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let key = self.told().subject_public_key_info();
        let bits = key.subject_public_key.raw_bytes();
        (any_key || is(&key.algorithm, &algorithm.public_key_alg_id()))
            && algorithm.verify_signature(bits, message, signature).is_ok()
    }

    /// Returns whether the key is restricted to RSASSA-PSS.
    pub(super) fn has_pss_key(&self) -> bool {
        self.told().subject_public_key_info().algorithm.oid == rfc5912::ID_RSASSA_PSS
    }

    /// Returns whether `issuer` is named as this certificate's issuer and has signed it.
    pub(super) fn is_issued_by(
        &self,
        issuer: &Self,
        algorithms: &[&dyn SignatureVerificationAlgorithm],
    ) -> bool {
        let signature = self.content.signature().raw_bytes();
        self.told().issuer() == issuer.told().subject()
            && algorithms
                .iter()
                .filter(|algorithm| {
                    is(
                        self.content.signature_algorithm(),
                        &algorithm.signature_alg_id(),
                    )
                })
                .any(|algorithm| issuer.has_signed(*algorithm, false, &self.certified, signature))
    }

    /// Returns whether this authority may issue a certificate with `below` authorities between the
    /// two.
    pub(super) fn may_issue(&self, below: usize) -> bool {
        let is_authority = self.extension::<BasicConstraints>().is_ok_and(|found| {
            found.is_some_and(|constraints| {
                let depth_max = constraints.path_len_constraint.map(usize::from);
                constraints.ca && depth_max.is_none_or(|max| below <= max)
            })
        });
        let may_sign = self
            .extension::<KeyUsage>()
            .is_ok_and(|found| found.is_none_or(|usage| usage.key_cert_sign()));
        is_authority && may_sign && self.is_understood()
    }

    /// Returns whether the certificate may identify a server.
    pub(super) fn may_serve(&self) -> bool {
        let is_for_servers = self.extension::<ExtendedKeyUsage>().is_ok_and(|found| {
            found.is_none_or(|usage| usage.0.contains(&rfc5912::ID_KP_SERVER_AUTH))
        });
        is_for_servers && self.is_understood()
    }

    /// Returns whether every critical extension is one that is checked here.
    fn is_understood(&self) -> bool {
        const LOOKED_AT: [ObjectIdentifier; 4] = [
            BasicConstraints::OID,
            ExtendedKeyUsage::OID,
            KeyUsage::OID,
            SubjectAltName::OID,
        ];
        let extensions = self.told().extensions().into_iter().flatten();
        extensions
            .filter(|extension| extension.critical)
            .all(|extension| LOOKED_AT.contains(&extension.extn_id))
    }

    fn extension<'a, T: Decode<'a, Error = x509_cert::der::Error> + AssociatedOid>(
        &'a self,
    ) -> Result<Option<T>, x509_cert::der::Error> {
        let found = self.told().get_extension::<T>()?;
        Ok(found.map(|(_, extension)| extension))
    }

    /// Returns whether the common name matches the host. It counts only without an alternative name
    /// of the host's kind.
    pub(super) fn has_common_name(&self, host: &ServerName<'_>) -> bool {
        let Ok(names) = self.extension::<SubjectAltName>() else {
            return false;
        };
        let names = names.iter().flat_map(|names| names.0.iter());
        let is_of_its_kind = |name: &GeneralName| match host {
            ServerName::DnsName(_) => matches!(name, GeneralName::DnsName(_)),
            _ => matches!(name, GeneralName::IpAddress(_)),
        };
        !names.into_iter().any(is_of_its_kind)
            && self
                .common_name()
                .is_some_and(|name| fits(name, &host.to_str()))
    }

    /// Returns whether this authority restricts the host names of the certificates that it issues.
    pub(super) fn constrains_names(&self) -> bool {
        let mut extensions = self.told().extensions().into_iter().flatten();
        extensions.any(|extension| extension.extn_id == NameConstraints::OID)
    }

    fn common_name(&self) -> Option<&str> {
        let mut attributes = self.told().subject().iter();
        let name = attributes.find(|attribute| attribute.oid == COMMON_NAME)?;
        str::from_utf8(name.value.value()).ok()
    }

    /// Returns the certificate's hash for channel binding (`tls-server-end-point`).
    ///
    /// The hash function is the one of the certificate's signature, with SHA-256 in place of MD5
    /// and SHA-1 (RFC 5929, 4.1). `None` if the signature has no hash function.
    pub(super) fn end_point(&self, der: &CertificateDer<'_>) -> Option<Vec<u8>> {
        let algorithm = self.content.signature_algorithm();
        let hash = if algorithm.oid == rfc5912::ID_RSASSA_PSS {
            hash_of_pss(algorithm)?
        } else {
            algorithm.oid
        };
        Some(match hash {
            MD_5_WITH_RSA
            | rfc5912::ID_SHA_1
            | rfc5912::SHA_1_WITH_RSA_ENCRYPTION
            | ECDSA_WITH_SHA_1
            | rfc5912::ID_SHA_256
            | rfc5912::SHA_256_WITH_RSA_ENCRYPTION
            | rfc5912::ECDSA_WITH_SHA_256 => Sha256::digest(der).to_vec(),
            rfc5912::ID_SHA_224
            | rfc5912::SHA_224_WITH_RSA_ENCRYPTION
            | rfc5912::ECDSA_WITH_SHA_224 => Sha224::digest(der).to_vec(),
            rfc5912::ID_SHA_384
            | rfc5912::SHA_384_WITH_RSA_ENCRYPTION
            | rfc5912::ECDSA_WITH_SHA_384 => Sha384::digest(der).to_vec(),
            rfc5912::ID_SHA_512
            | rfc5912::SHA_512_WITH_RSA_ENCRYPTION
            | rfc5912::ECDSA_WITH_SHA_512 => Sha512::digest(der).to_vec(),
            _ => return None,
        })
    }
}

const MD_5_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.4");
const ECDSA_WITH_SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.1");

/// Returns whether the two name the same algorithm.
fn is(found: &spki::AlgorithmIdentifier<Any>, known: &AlgorithmIdentifier) -> bool {
    let content = found.oid.to_der().and_then(|mut content| {
        if let Some(parameters) = &found.parameters {
            content.extend(parameters.to_der()?);
        }
        Ok(content)
    });
    content.is_ok_and(|content| content == known.as_ref())
}

/// Returns the hash function of RSASSA-PSS, which is SHA-1 if the parameters name none.
fn hash_of_pss(algorithm: &spki::AlgorithmIdentifier<Any>) -> Option<ObjectIdentifier> {
    let Some(parameters) = &algorithm.parameters else {
        return Some(rfc5912::ID_SHA_1);
    };
    let mut reader = SliceReader::new(parameters.value()).ok()?;
    if reader.is_finished() {
        return Some(rfc5912::ID_SHA_1);
    }
    let hash = ContextSpecific::<spki::AlgorithmIdentifier<Any>>::decode_explicit(
        &mut reader,
        TagNumber(0),
    );
    Some(hash.ok()?.map_or(rfc5912::ID_SHA_1, |hash| hash.value.oid))
}

/// Returns whether a name matches the host; the name may begin with `*.` for one label.
fn fits(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        None => name.eq_ignore_ascii_case(host),
        Some(domain) => host
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(domain)),
    }
}
