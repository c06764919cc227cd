//! What proves who we are, and how to get it again when the server no longer believes it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::Request;
use http::header::AUTHORIZATION;
use kube::client::Body;
use kube::config::AuthInfo;
use kube::config::Cluster;
use secrecy::ExposeSecret as _;
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::error::Error;

use super::environment::Environment;
use super::options::given;
use super::pem;
use super::plugin::Plugin;
use super::tls::Identity;
use super::tls::certified_key;

/// The credentials of one connection.
pub struct Credentials {
    source: Source,
    identity: Identity,
    state: Mutex<State>,
}

/// Where a fresh credential comes from.
enum Source {
    /// What the kubeconfig says is all there is.
    Fixed,
    /// A file that somebody else keeps fresh, such as a pod's token.
    TokenFile(String),
    Plugin(Box<Plugin>),
}

struct State {
    header: Option<HeaderValue>,
    /// Counts the renewals, so that requests that fail together renew once.
    generation: u64,
    /// Whether the server took this generation: a renewed credential that it never took is not renewed again.
    proven: bool,
}

/// The credential one request goes out with.
#[derive(Clone)]
pub struct Lease {
    header: Option<HeaderValue>,
    generation: u64,
}

impl Lease {
    /// Adds the credential, unless the request brings its own.
    pub fn apply(&self, request: &mut Request<Body>) {
        if let Some(header) = &self.header {
            request.headers_mut().entry(AUTHORIZATION).or_insert_with(|| header.clone());
        }
    }
}

impl Credentials {
    /// Gathers what the kubeconfig user has; runs the plugin if there is no token or password beside it.
    pub async fn new(user: &AuthInfo, cluster: &Cluster, environment: &Environment) -> Result<Self, Error> {
        let identity = Identity::default();
        if let Some((chain, key)) = pem::client(user)? {
            identity.set(Some(certified_key(&chain, &key)?));
        }
        let mut header = match (&user.username, &user.password) {
            (Some(name), password) => Some(basic(name, password.as_ref())?),
            _ => user.token.as_ref().map(bearer).transpose()?,
        };
        let mut source = Source::Fixed;
        if let Some(path) = given(user.token_file.as_deref()) {
            // Beside a token the file counts, but need not be there (client-go's token source).
            match read_token(path) {
                Ok(token) => header = Some(bearer(&token)?),
                Err(error) if header.is_none() => return Err(error),
                Err(_) => {}
            }
            source = Source::TokenFile(path.to_owned());
        } else if header.is_none()
            && let Some(exec) = &user.exec
        {
            source = Source::Plugin(Box::new(Plugin::new(exec, cluster, environment)?));
        } else if header.is_none()
            && let Some(provider) = &user.auth_provider
        {
            header = Some(legacy(&provider.name, provider.config.get("id-token").map(String::as_str))?);
        }
        let state = Mutex::new(State { header, generation: 0, proven: false });
        let credentials = Self { source, identity, state };
        if matches!(credentials.source, Source::Plugin(_)) {
            credentials.state.lock().await.header = credentials.fetch().await?;
        }
        Ok(credentials)
    }

    /// The certificate to show, shared: it changes when the plugin issues another.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    pub async fn current(&self) -> Lease {
        let state = self.state.lock().await;
        Lease { header: state.header.clone(), generation: state.generation }
    }

    /// The server took it.
    pub async fn prove(&self, lease: &Lease) {
        let mut state = self.state.lock().await;
        if state.generation == lease.generation {
            state.proven = true;
        }
    }

    /// A fresh credential in place of one that was refused; None when there is none to be had.
    pub async fn renew(&self, refused: &Lease) -> Result<Option<Lease>, Error> {
        let mut state = self.state.lock().await;
        if state.generation == refused.generation {
            if matches!(self.source, Source::Fixed) || (state.generation > 0 && !state.proven) {
                return Ok(None);
            }
            let header = self.fetch().await?;
            if header == state.header && matches!(self.source, Source::TokenFile(_)) {
                return Ok(None);
            }
            *state = State { header, generation: state.generation + 1, proven: false };
        }
        Ok(Some(Lease { header: state.header.clone(), generation: state.generation }))
    }

    /// Asks the source; sets the certificate aside for TLS and returns the header.
    async fn fetch(&self) -> Result<Option<HeaderValue>, Error> {
        match &self.source {
            Source::Fixed => Ok(None),
            Source::TokenFile(path) => bearer(&read_token(path)?).map(Some),
            Source::Plugin(plugin) => {
                let issued = plugin.run().await?;
                if let Some((chain, key)) = &issued.certificate {
                    self.identity.set(Some(certified_key(chain.as_bytes(), key)?));
                }
                issued.token.as_ref().map(bearer).transpose()
            }
        }
    }
}

fn read_token(path: &str) -> Result<SecretString, Error> {
    match std::fs::read_to_string(path) {
        Ok(token) if token.trim().is_empty() => Err(Error::config(format!("the token file {path} is empty"))),
        Ok(token) => Ok(token.into()),
        Err(error) => Err(Error::config(format!("cannot read the token file {path}")).because(error)),
    }
}

/// A token with or without the line break that files end with.
fn bearer(token: &SecretString) -> Result<HeaderValue, Error> {
    sensitive(&format!("Bearer {}", token.expose_secret().trim()))
}

fn basic(name: &str, password: Option<&SecretString>) -> Result<HeaderValue, Error> {
    let password = password.map(secrecy::ExposeSecret::expose_secret).unwrap_or_default();
    sensitive(&format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))
}

fn sensitive(text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Error::config("the token holds characters that cannot be sent"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The old auth-providers. Only oidc is left in kubectl. Its token is used as long as it lives; refreshing it here
/// would use up the refresh token that kubectl keeps.
fn legacy(name: &str, id_token: Option<&str>) -> Result<HeaderValue, Error> {
    match (name, given(id_token)) {
        ("oidc", Some(token)) => bearer(&token.to_owned().into()),
        ("oidc", None) => Err(Error::config("the auth-provider oidc of the kubeconfig has no id-token yet")
            .hint("Run any kubectl command to log in, then try again.")),
        _ => Err(Error::config(format!("the auth-provider {name:?} of the kubeconfig is not supported"))
            .hint("kubectl dropped it too: use a credential plugin (exec) instead.")),
    }
}

#[cfg(test)]
#[path = "credential_tests.rs"]
mod tests;
