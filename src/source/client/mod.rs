//! How the program gets to the API server: a [`kube::Client`] that behaves as kubectl users expect.
//!
//! kube brings the kubeconfig's types, the API calls and the client; between them stands our own stack, because kube's
//! differs from client-go where people notice: credential plugins run several times, proxies are chosen by other
//! rules, TLS is stricter, retries are silent and long, and warnings and the user agent are missing.

mod clock;
mod credential;
mod environment;
mod explain;
mod explain_transport;
mod failure;
mod header;
mod in_cluster;
mod kubeconfig;
mod names;
mod options;
mod pem;
mod pipeline;
mod plugin;
mod proxy;
mod retry;
mod server;
mod target;
mod tls;
mod trace;
mod transport;
mod validate;
mod warning;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use kube::client::ClientBuilder;

use crate::error::Error;

use credential::Credentials;
use environment::Environment;
use kubeconfig::Loaded;
use pipeline::Pipeline;
use target::Target;
use tls::Trust;
use transport::Route;
use transport::Transport;

pub use clock::ServerClock;
pub use explain::explain;
pub use explain_transport::was_sent;
pub use names::{Context, names};
pub use options::ConnectOptions;
pub use warning::Warnings;

/// A client and what is known of where it leads.
#[derive(Clone)]
pub struct Connection {
    pub client: kube::Client,
    /// The server's address, without credentials.
    pub server: String,
    /// The context's name; empty in a pod and when only flags say where to connect.
    pub context: String,
    /// The flag's, else the context's, else `default`.
    pub namespace: String,
    /// What the user should hear about how it was chosen.
    pub notes: Vec<String>,
    /// What the server warns of, for whoever owns the terminal.
    pub warnings: Warnings,
    /// What time it is there.
    pub clock: ServerClock,
}

/// Gets ready to talk to the cluster that flags, kubeconfig and environment mean. Runs a credential plugin if there is
/// one, but sends nothing to the server yet.
pub async fn connect(options: &ConnectOptions) -> Result<Connection, Error> {
    let mut environment = Environment::real();
    environment.stdin_is_terminal &= !options.unattended;
    environment.unattended = options.unattended;
    connect_in(options, &environment).await
}

async fn connect_in(options: &ConnectOptions, environment: &Environment) -> Result<Connection, Error> {
    let target = find_target(options, environment)?;
    let warnings = Warnings::default();
    let clock = ServerClock::default();

    let Target { cluster, user, .. } = &target;
    let credentials = Credentials::new(user, cluster, environment).await?;
    let trust = match pem::authorities(cluster)? {
        _ if cluster.insecure_skip_tls_verify == Some(true) => Trust::Anyone,
        Some(authorities) => Trust::Authorities(authorities),
        None => Trust::System,
    };
    let transport = Transport::new(Route {
        server: target.server.clone(),
        proxy: proxy::choose(&target.server, cluster.proxy_url.as_deref(), environment)?,
        tls: tls::client_config(trust, credentials.identity())?,
        tls_server_name: options::given(cluster.tls_server_name.as_deref()).map(str::to_owned),
        compression: cluster.disable_compression != Some(true),
        connect_timeout: transport::CONNECT_TIMEOUT,
    })?;
    let pipeline = Arc::new(Pipeline {
        server: target.server.clone(),
        headers: header::headers(user, &options.user_agent)?,
        credentials,
        transport,
        warnings: warnings.clone(),
        clock: clock.clone(),
        request_timeout: options.request_timeout.filter(|limit| !limit.is_zero()),
        verbosity: options.verbosity,
    });
    let service = tower::service_fn(move |request| Arc::clone(&pipeline).send(request));
    Ok(Connection {
        server: target.server.to_string().trim_end_matches('/').to_owned(),
        client: ClientBuilder::new(service, target.namespace.clone()).build(),
        context: target.context,
        namespace: target.namespace,
        notes: target.notes,
        warnings,
        clock,
    })
}

/// The kubeconfig's target, else the pod's own cluster, else why there is none.
fn find_target(options: &ConnectOptions, environment: &Environment) -> Result<Target, Error> {
    let loaded = kubeconfig::load(options, environment)?;
    let nothing_read = !loaded.found && options::given(options.server.as_deref()).is_none();
    match target::choose(&loaded.config, options) {
        Ok(Some(target)) => return Ok(target),
        // The flags name what no file could define.
        Err(_) if nothing_read => return Err(no_target(&loaded)),
        Err(error) => return Err(error),
        Ok(None) => {}
    }
    match in_cluster::target(options, environment)? {
        Some(target) => Ok(target),
        None => Err(no_target(&loaded)),
    }
}

fn no_target(loaded: &Loaded) -> Error {
    if loaded.found {
        let names = target::context_names(&loaded.config);
        let known = target::known("contexts", &names);
        return Error::config("the kubeconfig has no current context")
            .hint(format!("Choose one with --context or kubectl config use-context. {known}"));
    }
    let files: Vec<String> = loaded.looked_for.iter().map(|path| path.display().to_string()).collect();
    let message = match files.is_empty() {
        true => "no kubeconfig found: KUBECONFIG and HOME are not set".to_owned(),
        false => format!("no kubeconfig found: looked for {}", files.join(", ")),
    };
    Error::config(message).hint("Name one with --kubeconfig or KUBECONFIG, or use --server.")
}
