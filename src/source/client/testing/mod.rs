//! What the tests of this room share: folders, certificates, a small API server and small proxies.

mod certificate;
mod server;

pub use certificate::Authority;
pub use certificate::Certificate;
pub use certificate::Wish;
pub use server::Server;
pub use server::answer;
pub use server::http_proxy;
pub use server::https_proxy;
pub use server::socks_proxy;

use std::path::PathBuf;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use super::Connection;
use super::connect_in;
use super::environment::Environment;
use super::options::ConnectOptions;
use crate::error::Error;

/// A folder of its own for a test, gone with it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("arc-client-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.0.clone() } else { self.0.join(name) }
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// A kubeconfig with one cluster and one user, both in YAML's flow style.
pub fn kubeconfig(cluster: &str, user: &str) -> String {
    format!(
        "current-context: test
clusters: [{{name: c, cluster: {{{cluster}}}}}]
users: [{{name: u, user: {{{user}}}}}]
contexts: [{{name: test, context: {{cluster: c, user: u, namespace: team}}}}]
"
    )
}

/// Connects by the kubeconfig, in an environment with these variables.
pub async fn connect_by(
    kubeconfig: &str,
    options: ConnectOptions,
    variables: &[(&str, &str)],
) -> Result<Connection, Error> {
    let folder = Folder::new();
    let kubeconfig = Some(folder.write("config", kubeconfig));
    let options = ConnectOptions { kubeconfig, user_agent: "kubectl-arc/test".into(), ..options };
    connect_in(&options, &Environment::of(variables)).await
}

/// A GET through the client, its answer as text.
pub async fn get(connection: &Connection, path: &str) -> Result<String, kube::Error> {
    let request = http::Request::get(path).body(Vec::new()).unwrap();
    connection.client.request_text(request).await
}
