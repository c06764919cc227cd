//! Certificates and keys of a kubeconfig: base64 in the file itself, or a file of their own.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::config::AuthInfo;
use kube::config::Cluster;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::ExposeSecret as _;
use secrecy::SecretString;

use crate::error::Error;

use super::options::given;

/// The authorities to trust; None means the system's. What is no certificate is skipped, as Go's
/// `AppendCertsFromPEM` does, but one must be left.
pub fn authorities(cluster: &Cluster) -> Result<Option<Vec<CertificateDer<'static>>>, Error> {
    let (data, file) = (&cluster.certificate_authority_data, &cluster.certificate_authority);
    let Some(pem) = load("certificate-authority", data.as_deref(), file.as_deref())? else {
        return Ok(None);
    };
    let found = certificates(&pem);
    if found.is_empty() {
        return Err(Error::config("the cluster's certificate-authority holds no PEM certificate"));
    }
    Ok(Some(found))
}

/// The user's own certificate chain and key.
pub fn client(user: &AuthInfo) -> Result<Option<(Vec<u8>, SecretString)>, Error> {
    let (data, file) = (&user.client_certificate_data, &user.client_certificate);
    let Some(certificate) = load("client-certificate", data.as_deref(), file.as_deref())? else {
        return Ok(None);
    };
    let data = user.client_key_data.as_ref().map(secrecy::ExposeSecret::expose_secret);
    let key = load("client-key", data, user.client_key.as_deref())?.unwrap_or_default();
    let key = String::from_utf8(key).map_err(|_| Error::config("the user's client-key is not PEM text"))?;
    Ok(Some((certificate, key.into())))
}

/// The certificates of a PEM text.
pub fn certificates(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect()
}

/// The first private key of a PEM text.
pub fn key(pem: &SecretString) -> Option<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes()).ok()
}

/// The data wins over the file, as in kubectl. Errors name the file, never the content.
fn load(what: &str, data: Option<&str>, file: Option<&str>) -> Result<Option<Vec<u8>>, Error> {
    if let Some(data) = given(data) {
        // Go's decoder skips line breaks.
        let data: String = data.chars().filter(|char| !char.is_whitespace()).collect();
        return match STANDARD.decode(data) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(_) => Err(Error::config(format!("{what}-data in the kubeconfig is not base64"))),
        };
    }
    let Some(file) = given(file) else {
        return Ok(None);
    };
    match std::fs::read(Path::new(file)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => Err(Error::config(format!("cannot read the {what} {file}")).because(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::client::testing::Authority;

    #[test]
    fn data_wins_over_the_file_and_bad_data_is_not_repeated() {
        let pem = STANDARD.encode(Authority::new().pem());
        let wrapped = format!("{}\n  {}", &pem[..64], &pem[64..]);
        let mut cluster = Cluster {
            certificate_authority: Some("/nonexistent".into()),
            certificate_authority_data: Some(wrapped),
            ..Default::default()
        };
        assert_eq!(authorities(&cluster).unwrap().unwrap().len(), 1);
        cluster.certificate_authority_data = Some("s3cr3t!".into());
        assert!(!authorities(&cluster).unwrap_err().to_string().contains("s3cr3t"));
        cluster.certificate_authority_data = None;
        assert!(authorities(&cluster).unwrap_err().message.contains("/nonexistent"));
        cluster.certificate_authority_data = Some(STANDARD.encode("no certificate"));
        authorities(&cluster).unwrap_err();
    }

    #[test]
    fn broken_certificates_are_skipped() {
        let good = Authority::new().pem();
        let text = format!("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\nwords\n{good}");
        assert!(certificates(text.as_bytes()).len() <= 1);
        assert_eq!(certificates(format!("words\n{good}").as_bytes()).len(), 1);
    }
}
