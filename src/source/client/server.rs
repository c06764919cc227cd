//! The server's address as client-go's `DefaultServerURL` reads it.

use http::Uri;
use kube::config::AuthInfo;
use kube::config::Cluster;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;

use crate::error::Error;

use super::options::given;

/// An address without credentials, and the credentials that stood in it.
pub struct Server {
    pub uri: Uri,
    pub user: Option<(String, SecretString)>,
}

/// Whether an address without a scheme means https: when anything about TLS is configured.
pub fn has_tls(cluster: &Cluster, user: &AuthInfo) -> bool {
    cluster.insecure_skip_tls_verify == Some(true)
        || given(cluster.certificate_authority.as_deref()).is_some()
        || given(cluster.certificate_authority_data.as_deref()).is_some()
        || given(user.client_certificate.as_deref()).is_some()
        || given(user.client_certificate_data.as_deref()).is_some()
}

/// A URL, or `HOST[:PORT]` without a scheme.
pub fn parse(text: &str, has_tls: bool) -> Result<Server, Error> {
    let full = match text.contains("://") {
        true => text.to_owned(),
        false if has_tls => format!("https://{text}"),
        false => format!("http://{text}"),
    };
    // The address is not repeated: it may hold a password.
    let unusable = || Error::config("the server's address is not a URL of the form https://HOST[:PORT]");
    let uri: Uri = full.parse().map_err(|error| unusable().because(error))?;
    let scheme =
        uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https")).ok_or_else(unusable)?;
    let (user, host) = split_user(uri.authority().ok_or_else(unusable)?.as_str());
    let path = uri.path().trim_end_matches('/');
    let path = if path.is_empty() { "/" } else { path };
    let uri = Uri::builder().scheme(scheme).authority(host).path_and_query(path).build();
    let uri = uri.map_err(|error| unusable().because(error))?;
    if uri.host().is_none_or(str::is_empty) {
        return Err(unusable());
    }
    Ok(Server { uri, user })
}

/// `USER:PASSWORD@HOST` in its two parts, the first decoded.
pub fn split_user(authority: &str) -> (Option<(String, SecretString)>, &str) {
    let Some((user, host)) = authority.rsplit_once('@') else {
        return (None, authority);
    };
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    (Some((decoded(name), decoded(password).into())), host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn an_address_without_scheme_is_completed_as_kubectl_does() {
        let uri = |text, tls| parse(text, tls).map(|server| server.uri.to_string()).ok();
        assert_eq!(uri("example.com:6443", true).as_deref(), Some("https://example.com:6443/"));
        assert_eq!(uri("localhost:8080", false).as_deref(), Some("http://localhost:8080/"));
        assert_eq!(uri("https://rancher/k8s/c-1/", false).as_deref(), Some("https://rancher/k8s/c-1"));
        assert_eq!(uri("https://[::1]:6443", false).as_deref(), Some("https://[::1]:6443/"));
        for broken in ["", "https://", "ftp://x", "http://:80", "https://a b", "://x", "https://user@"] {
            assert_eq!(uri(broken, false), None, "{broken}");
        }
    }

    #[test]
    fn credentials_in_the_address_are_taken_out_of_it() {
        let server = parse("https://me:p%40ss@example.com", false).unwrap();
        assert_eq!(server.uri.to_string(), "https://example.com/");
        let (name, password) = server.user.unwrap();
        assert_eq!((name.as_str(), password.expose_secret()), ("me", "p@ss"));
    }

    #[test]
    fn a_broken_address_is_not_repeated() {
        let error = parse("https://me:s3cr3t@exa mple", false).err().unwrap();
        assert!(!error.to_string().contains("s3cr3t"));
    }
}
