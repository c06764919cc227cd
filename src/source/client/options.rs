//! What the user's flags say about the connection.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use secrecy::SecretString;

/// kubectl's connection flags, as typed. What is left out keeps kubectl's default.
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    /// `--kubeconfig`: the only file to read; without it KUBECONFIG, then `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    pub context: Option<String>,
    pub cluster: Option<String>,
    pub user: Option<String>,
    pub server: Option<String>,
    /// Kept as a secret so that no debug output of the options shows it.
    pub token: Option<SecretString>,
    pub username: Option<String>,
    pub password: Option<SecretString>,
    pub certificate_authority: Option<PathBuf>,
    pub client_certificate: Option<PathBuf>,
    pub client_key: Option<PathBuf>,
    pub tls_server_name: Option<String>,
    pub insecure_skip_tls_verify: bool,
    /// `--as`
    pub impersonate: Option<String>,
    /// `--as-group`
    pub impersonate_groups: Vec<String>,
    /// `--as-uid`
    pub impersonate_uid: Option<String>,
    /// `--as-user-extra`
    pub impersonate_extra: Vec<(String, String)>,
    /// For each request, its answer's body included. None waits for ever, as kubectl does.
    pub request_timeout: Option<Duration>,
    pub namespace: Option<String>,
    pub disable_compression: bool,
    /// `-v`: from 6 on requests are shown, the higher the more of them.
    pub verbosity: u8,
    pub user_agent: String,
    /// Nobody is there to be asked: a credential plugin may not talk to the terminal, wherever stdin leads.
    pub unattended: bool,
}

/// The text, unless it is empty: kubectl treats `--context ""` as not given.
pub fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// The same of a path.
pub fn given_path(path: Option<&PathBuf>) -> Option<&Path> {
    path.map(PathBuf::as_path).filter(|path| !path.as_os_str().is_empty())
}

/// The same of a secret.
pub fn given_secret(secret: Option<&SecretString>) -> Option<&SecretString> {
    secret.filter(|secret| !secret.expose_secret().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_show_the_token() {
        let options = ConnectOptions { token: Some("s3cr3t-token".into()), ..Default::default() };
        assert!(!format!("{options:?}").contains("s3cr3t"));
    }
}
