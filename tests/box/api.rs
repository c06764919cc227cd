//! Reading and writing over HTTP: the API server, and the stand-in for GitHub.

use std::path::Path;

use http::Request;
use kube::Client;
use kube::Config;
use kube::Error;
use kube::config::KubeConfigOptions;
use kube::config::Kubeconfig;
use serde_json::Value;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;

use crate::Outcome;

/// A client that waits for its answers.
pub struct Api {
    runtime: Runtime,
    client: Client,
}

impl Api {
    /// The cluster of a kubeconfig.
    pub fn of(kubeconfig: &Path) -> Outcome<Self> {
        let options = KubeConfigOptions::default();
        let file = Kubeconfig::read_from(kubeconfig).map_err(|error| error.to_string())?;
        Self::connect(async {
            Config::from_custom_kubeconfig(file, &options).await.map_err(|e| e.to_string())
        })
    }

    /// A server without TLS and credentials.
    pub fn at(url: &str) -> Outcome<Self> {
        let uri = url.parse().map_err(|error| format!("{url}: {error}"))?;
        Self::connect(async { Ok(Config::new(uri)) })
    }

    fn connect(config: impl Future<Output = Outcome<Config>>) -> Outcome<Self> {
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
        let client =
            runtime.block_on(async { Client::try_from(config.await?).map_err(|e| e.to_string()) })?;
        Ok(Self { runtime, client })
    }

    /// What is there; None if nothing is, or its kind is not served.
    pub fn get(&self, path: &str) -> Outcome<Option<Value>> {
        match self.send("GET", path, &Value::Null) {
            Ok(value) => Ok(Some(value)),
            Err(Error::Api(status)) if status.code == 404 => Ok(None),
            Err(error) => Err(format!("GET {path}: {error}")),
        }
    }

    /// True if it was there.
    pub fn delete(&self, path: &str, options: &Value) -> Outcome<bool> {
        match self.send("DELETE", path, options) {
            Ok(_) => Ok(true),
            Err(Error::Api(status)) if status.code == 404 => Ok(false),
            Err(error) => Err(format!("DELETE {path}: {error}")),
        }
    }

    pub fn post(&self, path: &str, body: &Value) -> Outcome<()> {
        self.send("POST", path, body).map(|_| ()).map_err(|error| format!("POST {path}: {error}"))
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value, Error> {
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .body(bytes)
            .map_err(Error::HttpError)?;
        let text = self.runtime.block_on(self.client.request_text(request))?;
        // The stand-in answers some requests with nothing at all.
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}
