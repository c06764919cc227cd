//! Refusing what kubectl refuses before anything is sent (client-go's `validateClusterInfo` and `validateAuthInfo`).

use http::Uri;
use kube::config::AuthInfo;
use kube::config::Cluster;

use crate::error::Error;

use super::options::given;

/// Contradictions in how to trust the server.
pub fn cluster(name: &str, server: &Uri, cluster: &Cluster) -> Result<(), Error> {
    let authority = given(cluster.certificate_authority.as_deref())
        .or(given(cluster.certificate_authority_data.as_deref()))
        .is_some();
    let https = server.scheme_str() == Some("https");
    if https && authority && cluster.insecure_skip_tls_verify == Some(true) {
        return Err(Error::config(format!(
            "the cluster {name:?} has a certificate authority and insecure-skip-tls-verify together"
        ))
        .hint("Drop one of them: an authority that is not checked says nothing."));
    }
    Ok(())
}

/// Contradictions in who we are.
pub fn user(name: &str, user: &AuthInfo) -> Result<(), Error> {
    let refuse = |what: &str| Err(Error::config(format!("the user {name:?} {what}")));
    let impersonates = user.impersonate_groups.as_ref().is_some_and(|groups| !groups.is_empty())
        || given(user.impersonate_uid.as_deref()).is_some()
        || user.impersonate_user_extra.as_ref().is_some_and(|extra| !extra.is_empty());
    if impersonates && given(user.impersonate.as_deref()).is_none() {
        return Err(Error::usage("impersonating a group, uid or extra needs a user too").hint("Add --as."));
    }
    let token = user.token.is_some();
    if token && (user.username.is_some() || user.password.is_some()) {
        return refuse("has a token and a password; only one is allowed");
    }
    let certificate = is_either(user.client_certificate.as_deref(), user.client_certificate_data.as_deref());
    let key = given(user.client_key.as_deref()).is_some() || user.client_key_data.is_some();
    match (certificate, key) {
        (true, false) => return refuse("has a client certificate without a client key"),
        (false, true) => return refuse("has a client key without a client certificate"),
        _ => {}
    }
    let Some(exec) = &user.exec else {
        return Ok(());
    };
    if user.auth_provider.is_some() {
        return refuse("has an exec plugin and an auth-provider; only one is allowed");
    }
    if given(exec.command.as_deref()).is_none() {
        return refuse("has an exec plugin without a command");
    }
    if given(exec.api_version.as_deref()).is_none() {
        return refuse("has an exec plugin without an apiVersion");
    }
    let mut variables = exec.env.iter().flatten();
    if variables.any(|variable| variable.get("name").is_none_or(String::is_empty)) {
        return refuse("has an exec plugin with an environment variable without a name");
    }
    Ok(())
}

fn is_either(one: Option<&str>, other: Option<&str>) -> bool {
    given(one).is_some() || given(other).is_some()
}
