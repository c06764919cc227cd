//! Running a credential plugin: the `exec` of a kubeconfig user, as client-go's `plugin/pkg/client/auth/exec` does.

use std::io::ErrorKind;
use std::process::ExitStatus;
use std::process::Stdio;

use kube::config::Cluster;
use kube::config::ExecAuthCluster;
use kube::config::ExecConfig;
use kube::config::ExecInteractiveMode;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use tokio::process::Command;

use crate::error::Error;

use super::environment::Environment;

/// What is said when the kubeconfig has no installHint of its own.
const INSTALL_HINT: &str = "The kubeconfig logs in through a credential plugin that is not installed; see \
    https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins";

/// A plugin, ready to run as often as credentials are needed. Not `Debug`: its environment carries secrets.
#[derive(Clone)]
pub struct Plugin {
    command: String,
    args: Vec<String>,
    variables: Vec<(String, String)>,
    install_hint: Option<String>,
    api_version: String,
    /// Whether it may talk to the person at the terminal.
    interactive: bool,
    /// Nobody reads what it says beside its answer.
    unattended: bool,
    /// What it is told in KUBERNETES_EXEC_INFO.
    info: String,
}

/// What a plugin answered: a token, a certificate with its key, or both.
pub struct Issued {
    pub token: Option<SecretString>,
    pub certificate: Option<(String, SecretString)>,
}

impl Plugin {
    pub fn new(exec: &ExecConfig, cluster: &Cluster, environment: &Environment) -> Result<Self, Error> {
        let command = exec.command.clone().unwrap_or_default();
        let api_version = exec.api_version.clone().unwrap_or_default();
        let interactive = match exec.interactive_mode {
            Some(ExecInteractiveMode::Never) => false,
            Some(ExecInteractiveMode::Always) if !environment.stdin_is_terminal => {
                return Err(Error::config(format!(
                    "the credential plugin {command} needs a terminal to ask questions"
                ))
                .because("standard input is not a terminal"));
            }
            _ => environment.stdin_is_terminal,
        };
        let mut spec = json!({ "interactive": interactive });
        if exec.provide_cluster_info
            && let Some(spec) = spec.as_object_mut()
        {
            spec.insert("cluster".into(), cluster_info(cluster)?);
        }
        let info = json!({ "kind": "ExecCredential", "apiVersion": api_version, "spec": spec }).to_string();
        let variables = exec.env.iter().flatten().filter_map(|variable| {
            Some((variable.get("name")?.clone(), variable.get("value").cloned().unwrap_or_default()))
        });
        Ok(Self {
            args: exec.args.clone().unwrap_or_default(),
            variables: variables.collect(),
            install_hint: exec.install_hint.clone().filter(|hint| !hint.trim().is_empty()),
            command,
            api_version,
            interactive,
            unattended: environment.unattended,
            info,
        })
    }

    /// Runs it once. It sees our environment and its own variables. What it says goes where ours goes, as under
    /// kubectl, also where nothing can be typed: a log-in by a code on another device says there what to do.
    pub async fn run(&self) -> Result<Issued, Error> {
        tracing::debug!("running the credential plugin {}", self.command);
        let child = Command::new(&self.command)
            .args(&self.args)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("KUBERNETES_EXEC_INFO", &self.info)
            .stdin(if self.interactive { Stdio::inherit() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(if self.unattended { Stdio::null() } else { Stdio::inherit() })
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| self.not_started(&error))?;
        let output = child.wait_with_output().await;
        let output = output.map_err(|error| self.error("cannot be waited for").because(error))?;
        if !output.status.success() {
            return Err(self.failed(output.status));
        }
        self.read(&output.stdout)
    }

    fn error(&self, what: &str) -> Error {
        Error::access(format!("the credential plugin {} {what}", self.command))
    }

    fn not_started(&self, error: &std::io::Error) -> Error {
        let hint = self.install_hint.as_deref().unwrap_or(INSTALL_HINT);
        match error.kind() {
            ErrorKind::NotFound => self.error("is not installed").hint(hint),
            _ => self.error("cannot be started").because(error).hint(hint),
        }
    }

    fn failed(&self, status: ExitStatus) -> Error {
        self.error(&format!("failed with {status}"))
            .hint("Log in the way you do for kubectl, then try again.")
    }

    /// JSON or YAML, as client-go's decoder takes both. No part of the answer is repeated in an error.
    fn read(&self, stdout: &[u8]) -> Result<Issued, Error> {
        let text = String::from_utf8_lossy(stdout);
        let answer: Option<Answer> =
            serde_json::from_str(&text).ok().or_else(|| serde_saphyr::from_str(&text).ok());
        let answer = answer.ok_or_else(|| self.error("did not answer with an ExecCredential"))?;
        if answer.api_version != self.api_version {
            return Err(self.error("speaks another API version than the kubeconfig asks for").because(
                format!(
                    "{:?} instead of {:?}",
                    answer.api_version.chars().take(80).collect::<String>(),
                    self.api_version
                ),
            ));
        }
        let status = answer.status.ok_or_else(|| self.error("answered without a status"))?;
        let token =
            status.token.filter(|token| !token.trim().is_empty()).map(|token| token.trim().to_owned().into());
        let certificate = status.client_certificate_data.filter(|data| !data.is_empty());
        let key = status.client_key_data.filter(|data| !data.is_empty());
        let certificate = match (certificate, key) {
            (Some(certificate), Some(key)) => Some((certificate, key.into())),
            (None, None) => None,
            _ => return Err(self.error("answered with a certificate or a key, not both")),
        };
        if certificate.is_none() && token.is_none() {
            return Err(self.error("answered with neither a token nor a certificate"));
        }
        Ok(Issued { token, certificate })
    }
}

/// The cluster as the plugin is told of it, the authority's bytes included.
fn cluster_info(cluster: &Cluster) -> Result<serde_json::Value, Error> {
    let failed = |error: &dyn std::error::Error| {
        Error::config("cannot describe the cluster to the credential plugin").because(error)
    };
    let info = ExecAuthCluster::try_from(cluster).map_err(|error| failed(&error))?;
    serde_json::to_value(info).map_err(|error| failed(&error))
}

/// An ExecCredential. Not `Debug`: it is all secrets.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "apiVersion")]
    api_version: String,
    status: Option<AnswerStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnswerStatus {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

#[cfg(all(test, unix))]
#[path = "plugin_tests.rs"]
mod tests;
