//! Why a request failed below HTTP: TLS, DNS, refused connections, proxies and time limits.

use std::error::Error as StdError;
use std::io;
use std::io::ErrorKind;

use hyper_util::client::legacy::Error as ClientError;
use rustls::AlertDescription;
use rustls::CertificateError;
use rustls::Error as TlsError;

use crate::error::Error;

use super::explain::chain;
use super::explain::one_line;
use super::pipeline::RequestTimedOut;
use super::transport::ConnectTimedOut;
use super::transport::Unreachable;

/// The first cause in the chain that says something, after where it happened.
pub fn explain(error: &kube::Error) -> Error {
    let causes: Vec<&(dyn StdError + 'static)> = chain(error).collect();
    if let Some(own) = find::<Error>(&causes) {
        return own.clone();
    }
    if let Some(late) = find::<RequestTimedOut>(&causes) {
        return Error::access(format!("the server gave {late}")).hint("Allow more with --request-timeout.");
    }
    let place = match find::<Unreachable>(&causes) {
        Some(place) => place.to_string(),
        None => "the answer of the server broke off".to_owned(),
    };
    let said = Error::access(place);
    if let Some(late) = find::<ConnectTimedOut>(&causes) {
        return said.because(late).hint("Check the server's address, the VPN and the firewall.");
    }
    if let Some(tls) = find::<TlsError>(&causes) {
        let (reason, hint) = tls_reason(tls);
        return said.because(reason).hint(hint);
    }
    if let Some(cause) = causes.iter().find(|cause| cause.to_string().starts_with("dns error")) {
        let detail = cause.source().map(|source| one_line(&source.to_string())).unwrap_or_default();
        return said
            .because("its name does not resolve")
            .because(detail)
            .hint("Check the server's URL, DNS and the VPN.");
    }
    if let Some(proxy) =
        causes.iter().map(std::string::ToString::to_string).find(|text| text.starts_with("tunnel error: "))
        && let Some(reason) = proxy_reason(&proxy)
    {
        return said.because(reason).hint("Check the kubeconfig's proxy-url, or HTTPS_PROXY and NO_PROXY.");
    }
    if let Some((reason, hint)) = causes.iter().find_map(|cause| io_reason(*cause)) {
        return said.because(reason).hint(hint);
    }
    let last = causes.last().map(|cause| one_line(&cause.to_string())).unwrap_or_default();
    said.because(last)
}

/// Whether the server may have got a request that failed. A connection that was never made carried nothing; and an error
/// of our own comes from before it was sent, or from after the server did not let it in.
pub fn was_sent(error: &kube::Error) -> bool {
    let causes: Vec<&(dyn StdError + 'static)> = chain(error).collect();
    let connecting = find::<ClientError>(&causes).is_some_and(ClientError::is_connect);
    !connecting && find::<ConnectTimedOut>(&causes).is_none() && find::<Error>(&causes).is_none()
}

fn find<'a, T: StdError + 'static>(causes: &[&'a (dyn StdError + 'static)]) -> Option<&'a T> {
    causes.iter().find_map(|cause| cause.downcast_ref::<T>())
}

fn tls_reason(error: &TlsError) -> (String, &'static str) {
    const AUTHORITY: &str = "Check the cluster's certificate-authority in the kubeconfig.";
    const SHOWN: &str = "Check the user's client-certificate in the kubeconfig; it may have expired.";
    match error {
        TlsError::InvalidCertificate(reason) => match reason {
            // A bad signature is another authority of the same name: every kubeadm cluster's is called "kubernetes".
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                ("its certificate is signed by an authority that is not trusted".into(), AUTHORITY)
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
                format!("its certificate is for another name: {}", one_line(&reason.to_string())),
                "Check the server's URL, or name the certificate's host with --tls-server-name.",
            ),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
                "its certificate has expired".into(),
                "Renew the API server's certificate; check this machine's clock.",
            ),
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                ("its certificate is not valid yet".into(), "Check this machine's clock.")
            }
            other => {
                (format!("its certificate is not acceptable: {}", one_line(&other.to_string())), AUTHORITY)
            }
        },
        TlsError::AlertReceived(alert) => match alert {
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateRequired
            | AlertDescription::AccessDenied => {
                (format!("it refuses the client certificate ({alert:?})"), SHOWN)
            }
            other => (format!("it broke TLS off ({other:?})"), "Check the server's URL."),
        },
        TlsError::InvalidMessage(_) => {
            ("it does not speak TLS".into(), "Check the server's URL: its scheme, host and port.")
        }
        other => (format!("TLS failed: {}", one_line(&other.to_string())), "Check the server's URL."),
    }
}

/// None when the tunnel's own cause says more.
fn proxy_reason(text: &str) -> Option<&'static str> {
    match text.strip_prefix("tunnel error: ")? {
        "proxy authorization required" => Some("the proxy asks for a user and a password"),
        "unsuccessful" => Some("the proxy refuses to connect to it"),
        "unexpected end of file" => Some("the proxy hung up"),
        "proxy response headers too long" => Some("the proxy's answer is too long"),
        _ => None,
    }
}

fn io_reason(cause: &(dyn StdError + 'static)) -> Option<(&'static str, &'static str)> {
    const ADDRESS: &str = "Check that the cluster runs and that the server's URL is right.";
    const NETWORK: &str = "Check the network and the VPN.";
    match cause.downcast_ref::<io::Error>()?.kind() {
        ErrorKind::ConnectionRefused => Some(("the connection was refused", ADDRESS)),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            Some(("the connection was cut", ADDRESS))
        }
        ErrorKind::TimedOut => Some(("the connection timed out", NETWORK)),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            Some(("there is no way to it", NETWORK))
        }
        ErrorKind::UnexpectedEof => Some(("the connection ended too early", ADDRESS)),
        _ => None,
    }
}
