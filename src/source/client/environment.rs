//! What the process finds around it, read once and passed on, so that tests need not change it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;

/// Where Kubernetes mounts a pod's own credentials.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The environment of the process. Not `Debug`: variables carry secrets.
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    /// Whether somebody can type: exec plugins may only ask questions then.
    pub stdin_is_terminal: bool,
    /// Nobody reads what a credential plugin says.
    pub unattended: bool,
    /// The folder with a pod's `token`, `ca.crt` and `namespace`.
    pub service_account: PathBuf,
}

impl Environment {
    /// The real one.
    pub fn real() -> Self {
        Self {
            variables: std::env::vars_os().collect(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            unattended: false,
            service_account: SERVICE_ACCOUNT.into(),
        }
    }

    /// The variable as it is, if it is set to anything.
    pub fn raw(&self, name: &str) -> Option<&OsString> {
        self.variables.get(&OsString::from(name)).filter(|value| !value.is_empty())
    }

    /// The variable as text; one that is no text counts as not set.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.raw(name).and_then(|value| value.to_str())
    }

    /// The first of the variables that is set.
    pub fn first<'a>(&'a self, names: &[&'static str]) -> Option<(&'static str, &'a str)> {
        names.iter().find_map(|name| self.text(name).map(|value| (*name, value)))
    }

    /// The user's home, by the variable client-go asks first on each system.
    pub fn home(&self) -> Option<PathBuf> {
        let fallback = if cfg!(windows) { self.raw("USERPROFILE") } else { None };
        self.raw("HOME").or(fallback).map(PathBuf::from)
    }
}

#[cfg(test)]
impl Environment {
    /// An environment with these variables only: no terminal, not in a pod.
    pub fn of(variables: &[(&str, &str)]) -> Self {
        Self {
            variables: variables.iter().map(|(name, value)| (name.into(), value.into())).collect(),
            stdin_is_terminal: false,
            unattended: false,
            service_account: "/nonexistent".into(),
        }
    }
}
