//! Choosing context, cluster and user, and laying the flags over them, as client-go's `DirectClientConfig` does.

use std::collections::BTreeMap;
use std::net::IpAddr;

use http::Uri;
use kube::config::AuthInfo;
use kube::config::Cluster;
use kube::config::Context;
use kube::config::Kubeconfig;

use crate::error::Error;

use super::options::ConnectOptions;
use super::options::given;
use super::options::given_path;
use super::options::given_secret;
use super::server;
use super::validate;

/// Where to connect to and as whom: one cluster and one user, flags included.
pub struct Target {
    /// The context's name; empty without one.
    pub context: String,
    pub namespace: String,
    pub server: Uri,
    pub cluster: Cluster,
    pub user: AuthInfo,
    /// What the user should hear about the choice.
    pub notes: Vec<String>,
}

/// Picks the target out of the kubeconfig. None when neither it nor the flags name any cluster: a pod's own cluster
/// may be meant then.
pub fn choose(config: &Kubeconfig, options: &ConnectOptions) -> Result<Option<Target>, Error> {
    let context_name = given(options.context.as_deref()).or(given(config.current_context.as_deref()));
    let context = context_name.map(|name| find_context(config, name)).transpose()?.unwrap_or_default();
    let cluster = find_cluster(config, options, context_name, &context)?;
    let Some(cluster) = overlay_cluster(cluster, options) else {
        return Ok(None);
    };
    let (user, note) = find_user(config, options, context_name, &context)?;
    let mut user = user;
    overlay_user(&mut user, options);

    let name = given(options.cluster.as_deref()).unwrap_or(&context.cluster);
    let Some(text) = given(cluster.server.as_deref()) else {
        return Err(Error::config(format!("the kubeconfig names no server for the cluster {name:?}")));
    };
    let has_tls = server::has_tls(&cluster, &user);
    let server = server::parse(text, has_tls)?;
    if user.username.is_none()
        && let Some((name, password)) = server.user
    {
        user.username = Some(name);
        user.password = Some(password);
    }
    validate::cluster(name, &server.uri, &cluster)?;
    let user_name = given(options.user.as_deref()).or(given(context.user.as_deref())).unwrap_or_default();
    validate::user(user_name, &user)?;
    let mut notes: Vec<String> = note.into_iter().collect();
    if !is_private(&server.uri) && has_credentials(&user) {
        notes.push(format!("no credentials are sent to {}: it is not https", server.uri));
        user = without_credentials(user);
    }
    let namespace =
        given(options.namespace.as_deref()).or(given(context.namespace.as_deref())).unwrap_or("default");
    Ok(Some(Target {
        context: context_name.unwrap_or_default().to_owned(),
        namespace: namespace.to_owned(),
        server: server.uri,
        cluster,
        user,
        notes,
    }))
}

/// The names of the contexts, as they stand in the files.
pub fn context_names(config: &Kubeconfig) -> Vec<String> {
    config.contexts.iter().map(|named| named.name.clone()).collect()
}

fn find_context(config: &Kubeconfig, name: &str) -> Result<Context, Error> {
    match config.contexts.iter().find(|named| named.name == name) {
        Some(named) => Ok(named.context.clone().unwrap_or_default()),
        None => Err(unknown("context", name, &context_names(config))),
    }
}

fn find_cluster(
    config: &Kubeconfig,
    options: &ConnectOptions,
    context_name: Option<&str>,
    context: &Context,
) -> Result<Option<Cluster>, Error> {
    let asked = given(options.cluster.as_deref());
    let Some(name) = asked.or(given(Some(&context.cluster))) else {
        return Ok(None);
    };
    if let Some(named) = config.clusters.iter().find(|named| named.name == name) {
        return Ok(Some(named.cluster.clone().unwrap_or_default()));
    }
    if given(options.server.as_deref()).is_some() && asked.is_none() {
        return Ok(None);
    }
    let names: Vec<String> = config.clusters.iter().map(|named| named.name.clone()).collect();
    match (asked, context_name) {
        (None, Some(context)) => Err(Error::config(format!(
            "the context {context:?} names the cluster {name:?}, which no kubeconfig defines"
        ))
        .hint(known("clusters", &names))),
        _ => Err(unknown("cluster", name, &names)),
    }
}

/// A user that only a context names may be missing: kubectl then connects without credentials.
fn find_user(
    config: &Kubeconfig,
    options: &ConnectOptions,
    context_name: Option<&str>,
    context: &Context,
) -> Result<(AuthInfo, Option<String>), Error> {
    let asked = given(options.user.as_deref());
    let Some(name) = asked.or(given(context.user.as_deref())) else {
        return Ok((AuthInfo::default(), None));
    };
    if let Some(named) = config.auth_infos.iter().find(|named| named.name == name) {
        return Ok((named.auth_info.clone().unwrap_or_default(), None));
    }
    if asked.is_some() {
        let names: Vec<String> = config.auth_infos.iter().map(|named| named.name.clone()).collect();
        return Err(unknown("user", name, &names));
    }
    let context = context_name.unwrap_or_default();
    let note = format!("the context {context:?} names the user {name:?}, which no kubeconfig defines");
    Ok((AuthInfo::default(), Some(note)))
}

/// The flags over the cluster; None when there is neither.
fn overlay_cluster(cluster: Option<Cluster>, options: &ConnectOptions) -> Option<Cluster> {
    let server = given(options.server.as_deref());
    let mut cluster = match (cluster, server) {
        (None, None) => return None,
        (cluster, _) => cluster.unwrap_or_default(),
    };
    let name = given(options.tls_server_name.as_deref());
    if server.is_some() || name.is_some() {
        // Another server has another name, so --server alone clears it.
        cluster.tls_server_name = name.map(str::to_owned);
    }
    if let Some(server) = server {
        cluster.server = Some(server.to_owned());
    }
    let authority = given_path(options.certificate_authority.as_ref());
    if options.insecure_skip_tls_verify || authority.is_some() {
        cluster.insecure_skip_tls_verify = Some(options.insecure_skip_tls_verify);
        cluster.certificate_authority_data = None;
        cluster.certificate_authority = authority.map(|path| path.display().to_string());
    }
    if options.disable_compression {
        cluster.disable_compression = Some(true);
    }
    Some(cluster)
}

/// The flags over the user. Each replaces what would say the same in another way.
pub fn overlay_user(user: &mut AuthInfo, options: &ConnectOptions) {
    if let Some(token) = given_secret(options.token.as_ref()) {
        user.token = Some(token.clone());
        user.token_file = None;
        user.username = None;
        user.password = None;
    }
    if let Some(name) = given(options.username.as_deref()) {
        user.username = Some(name.to_owned());
    }
    if let Some(password) = given_secret(options.password.as_ref()) {
        user.password = Some(password.clone());
    }
    if let Some(path) = given_path(options.client_certificate.as_ref()) {
        user.client_certificate = Some(path.display().to_string());
        user.client_certificate_data = None;
    }
    if let Some(path) = given_path(options.client_key.as_ref()) {
        user.client_key = Some(path.display().to_string());
        user.client_key_data = None;
    }
    if let Some(name) = given(options.impersonate.as_deref()) {
        user.impersonate = Some(name.to_owned());
    }
    if !options.impersonate_groups.is_empty() {
        user.impersonate_groups = Some(options.impersonate_groups.clone());
    }
    if let Some(uid) = given(options.impersonate_uid.as_deref()) {
        user.impersonate_uid = Some(uid.to_owned());
    }
    if !options.impersonate_extra.is_empty() {
        let mut extra: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (key, value) in &options.impersonate_extra {
            extra.entry(key.clone()).or_default().push(value.clone());
        }
        user.impersonate_user_extra = Some(extra.into_iter().collect());
    }
}

/// Nobody can listen: TLS, or this very machine. client-go sends credentials over TLS alone.
fn is_private(server: &Uri) -> bool {
    let host = server.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_loopback = host.parse::<IpAddr>().map_or(host == "localhost", |address| address.is_loopback());
    server.scheme_str() == Some("https") || is_loopback
}

fn has_credentials(user: &AuthInfo) -> bool {
    user.token.is_some()
        || user.token_file.is_some()
        || user.username.is_some()
        || user.exec.is_some()
        || user.auth_provider.is_some()
}

/// In whose name to ask is no secret.
fn without_credentials(user: AuthInfo) -> AuthInfo {
    AuthInfo {
        impersonate: user.impersonate,
        impersonate_uid: user.impersonate_uid,
        impersonate_groups: user.impersonate_groups,
        impersonate_user_extra: user.impersonate_user_extra,
        ..Default::default()
    }
}

/// No thing of that name: says the closest one and the others.
fn unknown(what: &str, name: &str, names: &[String]) -> Error {
    let error = Error::config(format!("no {what} {name:?} in the kubeconfig"));
    let likeness = names.iter().map(|other| (strsim::jaro_winkler(name, other), other));
    match likeness.max_by(|one, other| one.0.total_cmp(&other.0)) {
        Some((likeness, closest)) if likeness > 0.8 => {
            error.hint(format!("Did you mean {closest:?}? {}", known(&format!("{what}s"), names)))
        }
        _ => error.hint(known(&format!("{what}s"), names)),
    }
}

/// A sentence that lists the names there are.
pub fn known(what: &str, names: &[String]) -> String {
    const MOST: usize = 20;
    if names.is_empty() {
        return format!("The kubeconfig has no {what}.");
    }
    let listed: Vec<&str> = names.iter().take(MOST).map(String::as_str).collect();
    let more = if names.len() > MOST { format!(" and {} more", names.len() - MOST) } else { String::new() };
    format!("The kubeconfig has the {what}: {}{more}.", listed.join(", "))
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
