//! Calling the binary in a sealed room.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

pub const BINARY: &str = env!("CARGO_BIN_EXE_kubectl-arc");

/// What a call left.
#[derive(Debug)]
pub struct Done {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Done {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not JSON: {error}\n{}\n{}", self.stdout, self.stderr))
    }
}

/// The binary without anything of the tester's environment.
pub fn arc(arguments: &[&str]) -> Done {
    let mut command = Command::new(BINARY);
    command.env_clear().env("HOME", "/nonexistent").env("KUBECONFIG", "/nonexistent/kubeconfig");
    done(command.args(arguments), "")
}

/// The same with something on standard input.
pub fn arc_reading(arguments: &[&str], input: &str) -> Done {
    let mut command = Command::new(BINARY);
    command.env_clear().env("HOME", "/nonexistent").env("KUBECONFIG", "/nonexistent/kubeconfig");
    done(command.args(arguments), input)
}

pub fn done(command: &mut Command, input: &str) -> Done {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let text = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()).ok());
    let output = child.wait_with_output().expect("the binary ends");
    writer.join().expect("the writer ends");
    Done {
        stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        code: output.status.code().expect("the binary was not killed"),
    }
}

pub fn example(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "examples", &format!("{name}.yaml")].iter().collect();
    path.to_str().expect("the path is UTF-8").to_owned()
}

/// Every example with the TARGET to ask about, the exit code and the first root's class.
pub const EXAMPLES: &[(&str, &[&str], i32, &str)] = &[
    ("argocd-delete-deadlock", &["ns/arc-ml"], 1, "gitops-delete-deadlock"),
    ("helm-uninstall-secret-gone", &["ns/arc-release"], 1, "secret-missing"),
    ("crds-deleted-controller-gone", &["crd/ephemeralrunners.actions.github.com"], 1, "controller-gone"),
    ("version-mismatch", &["-n", "arc-docs", "docs"], 1, "version-mismatch"),
    ("controller-moved", &["-n", "arc-tools", "tools"], 1, "rbac-missing"),
    ("controller-moved", &["ns/arc-old"], 1, "listener-orphaned"),
    ("rbac-role-gone", &["-n", "arc-tools"], 1, "rbac-missing"),
    ("cleanup-protection-orphan", &["-n", "arc-ml"], 1, "cleanup-protection-orphan"),
    ("namespace-terminating", &["ns/arc-release"], 1, "namespace-terminating"),
    ("foreign-finalizer", &["ns/arc-tools"], 1, "foreign-finalizer"),
    ("healthy", &["-A"], 0, ""),
    ("crds-left-behind", &["-A"], 0, ""),
    ("draining", &["-n", "arc-tools", "tools"], 0, ""),
];
