//! One cluster: a control plane, and kubectl and Helm that talk to it.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

use crate::Outcome;
use crate::people;
use crate::people::Person;
use crate::process::Part;

pub struct Cluster {
    // Dropped in this order: the control plane tidies up in the folder.
    _plane: Part,
    pub kubeconfig: PathBuf,
    /// For what a scenario writes; gone at the end.
    pub folder: TempDir,
    pub bin: PathBuf,
    access: Value,
}

impl Cluster {
    pub fn start(bin: &Path) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("kubectl-arc-box-").tempdir();
        let folder = folder.map_err(|error| error.to_string())?;
        let start = || {
            let plane = folder.path().join("plane");
            Part::start(Command::new(bin.join("controlplane")).arg("--dir").arg(plane), "")
        };
        // A free port may be taken by somebody else before it is listened on.
        let plane = start().or_else(|_| start())?;
        let kubeconfig = PathBuf::from(plane.say("kubeconfig"));
        let access = access(&kubeconfig)?;
        let cluster = Self { _plane: plane, kubeconfig, folder, bin: bin.to_owned(), access };
        people::settle(&cluster)?;
        Ok(cluster)
    }

    /// Server, authority and token.
    pub fn access(&self) -> &Value {
        &self.access
    }

    /// A line of shell that knows kubectl and Helm and where this program is (`$KUBECTL_ARC`), and nothing of the tester's own clusters.
    pub fn shell(&self, line: &str) -> Command {
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", line]);
        self.seal(&mut command);
        command
    }

    pub fn helm(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.bin.join("helm"));
        command.args(arguments);
        self.seal(&mut command);
        command
    }

    fn seal(&self, command: &mut Command) {
        let home = self.folder.path().join("home");
        let system = std::env::var("PATH").unwrap_or_default();
        command
            .env_clear()
            .env("PATH", format!("{}:{system}", self.bin.display()))
            .env("KUBECTL_ARC", env!("CARGO_BIN_EXE_kubectl-arc"))
            .env("KUBECONFIG", &self.kubeconfig)
            .env("HOME", &home);
    }

    /// A kubeconfig to the same cluster at a later time, for one of its users; it works as long as the part lives.
    pub fn later(&self, time: &str, person: Person<'_>) -> Outcome<(Part, PathBuf)> {
        let mut access = self.access.clone();
        if person != Person::Admin {
            access["token"] = people::token(self, person)?.into();
        }
        let first = format!("{access}\n");
        let part = Part::start(Command::new(self.bin.join("later")).args(["--at", time]), &first)?;
        let config = people::kubeconfig(&part.say("url"));
        let path = self.folder.path().join(format!("later-{}", part.say("url").replace([':', '/'], "-")));
        std::fs::write(&path, config.to_string()).map_err(|error| error.to_string())?;
        Ok((part, path))
    }
}

/// Server, authority and token out of the kubeconfig.
fn access(kubeconfig: &Path) -> Outcome<Value> {
    let text = std::fs::read_to_string(kubeconfig).map_err(|error| error.to_string())?;
    let config: Value = serde_saphyr::from_str(&text).map_err(|error| error.to_string())?;
    let cluster = &config["clusters"][0]["cluster"];
    let authority = cluster["certificate-authority-data"].as_str().unwrap_or_default();
    let authority = STANDARD.decode(authority).map_err(|error| error.to_string())?;
    Ok(json!({
        "server": cluster["server"],
        "authority": String::from_utf8_lossy(&authority),
        "token": config["users"][0]["user"]["token"],
    }))
}
