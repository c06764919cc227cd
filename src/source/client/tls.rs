//! TLS as Go does it, where rustls is stricter and clusters in the field rely on Go.
//!
//! Go accepts a server certificate that is itself one of the configured authorities: a leaf pinned as authority, or a
//! self-signed certificate with `CA:TRUE` (`x509.Certificate.Verify` takes the chain of one). It also presents client
//! certificates of X.509 version 1, as MicroK8s makes them. rustls refuses all three.

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use rustls::CertificateError;
use rustls::ClientConfig;
use rustls::DigitallySignedStruct;
use rustls::Error as TlsError;
use rustls::InconsistentKeys;
use rustls::RootCertStore;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::client::Resumption;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use secrecy::SecretString;

use crate::error::Error;

use super::pem;

/// Whom to believe that a server is who it says.
pub enum Trust {
    /// `insecure-skip-tls-verify`
    Anyone,
    Authorities(Vec<CertificateDer<'static>>),
    /// No authority in the kubeconfig: the operating system's.
    System,
}

/// The client's side of TLS. The identity may change later, when a plugin issues a new certificate.
pub fn client_config(trust: Trust, identity: &Identity) -> Result<ClientConfig, Error> {
    let provider = Arc::new(default_provider());
    let failed = |error: &dyn std::error::Error| Error::config("cannot set up TLS").because(error);
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Anyone => Arc::new(Unverified(provider.clone())),
        Trust::Authorities(authorities) => Arc::new(Pinning::new(authorities, provider.clone())?),
        Trust::System => {
            let system = rustls_platform_verifier::Verifier::new(provider.clone());
            Arc::new(system.map_err(|error| failed(&error))?)
        }
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(Arc::new(identity.clone()));
    // A resumed session would keep the certificate it began with, and Go's client resumes none either.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// The certificate we show, if any; all clones share it.
#[derive(Clone, Debug, Default)]
pub struct Identity(Arc<RwLock<Option<Arc<CertifiedKey>>>>);

impl Identity {
    pub fn set(&self, certificate: Option<Arc<CertifiedKey>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = certificate;
    }

    pub fn get(&self) -> Option<Arc<CertifiedKey>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesClientCert for Identity {
    /// Shown whatever authorities the server hints at: the hint is often incomplete.
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.get()
    }

    fn has_certs(&self) -> bool {
        self.get().is_some()
    }
}

/// A chain and its key, checked against each other when rustls can read the certificate; version 1 it cannot.
pub fn certified_key(chain: &[u8], key: &SecretString) -> Result<Arc<CertifiedKey>, Error> {
    let chain = pem::certificates(chain);
    if chain.is_empty() {
        return Err(Error::config("the client certificate holds no PEM certificate"));
    }
    let key = pem::key(key).ok_or_else(|| Error::config("the client key holds no PEM private key"))?;
    let key = rustls::crypto::ring::sign::any_supported_type(&key).map_err(|_| {
        Error::config("the client key is of an unsupported type")
            .hint("RSA from 2048 bits, ECDSA P-256 and P-384 and Ed25519 work.")
    })?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        Err(TlsError::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err(Error::config("the client certificate and the client key do not belong together"))
        }
        _ => Ok(Arc::new(certified)),
    }
}

/// The usual verification, and behind it the exact certificates of the configured authorities.
#[derive(Debug)]
struct Pinning {
    usual: Arc<WebPkiServerVerifier>,
    pinned: Vec<CertificateDer<'static>>,
}

impl Pinning {
    fn new(authorities: Vec<CertificateDer<'static>>, provider: Arc<CryptoProvider>) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(authorities.iter().cloned());
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        let usual = usual.map_err(|error| {
            Error::config("cannot use the cluster's certificate-authority").because(error)
        })?;
        Ok(Self { usual, pinned: authorities })
    }
}

impl ServerCertVerifier for Pinning {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let refusal = match self.usual.verify_server_cert(end_entity, intermediates, server_name, ocsp, now) {
            Ok(verified) => return Ok(verified),
            Err(refusal) => refusal,
        };
        // webpki checks the dates before it complains about any of these, so a certificate that has expired does
        // not come here; a test holds it to that.
        let is_self = match &refusal {
            TlsError::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            ) => true,
            TlsError::InvalidCertificate(CertificateError::Other(other)) => {
                format!("{other:?}").contains("CaUsedAsEndEntity")
            }
            _ => false,
        };
        if !is_self || !self.pinned.iter().any(|pinned| pinned == end_entity) {
            return Err(refusal);
        }
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.usual.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.usual.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

/// `insecure-skip-tls-verify`: whoever answers.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
