//! What Cargo.toml says: the version and the address of the repository stand there alone.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::Outcome;

/// The plugin, and where it lies.
#[derive(Clone, Debug)]
pub struct Project {
    pub root: PathBuf,
    pub target: PathBuf,
    pub version: String,
    pub repository: String,
}

impl Project {
    pub fn read() -> Outcome<Self> {
        let arguments = ["metadata", "--no-deps", "--locked", "--format-version", "1"];
        let output = Command::new(cargo())
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .map_err(|error| format!("cargo metadata: {error}"))?;
        if !output.status.success() {
            return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim_end()));
        }
        let said: Value =
            serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
        Self::of(&said).ok_or_else(|| "cargo metadata does not tell of a package kubectl-arc".to_owned())
    }

    fn of(said: &Value) -> Option<Self> {
        let text = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
        let packages = said.get("packages")?.as_array()?;
        let plugin =
            packages.iter().find(|package| text(package, "name").as_deref() == Some("kubectl-arc"))?;
        Some(Self {
            root: text(said, "workspace_root")?.into(),
            target: text(said, "target_directory")?.into(),
            version: text(plugin, "version")?,
            repository: text(plugin, "repository")?,
        })
    }

    /// Where everything that is released is put.
    pub fn dist(&self) -> PathBuf {
        self.target.join("dist")
    }
}

/// The Cargo that called, else the one on the PATH.
pub fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

#[test]
fn the_project_is_read() {
    let project = Project::read().unwrap();
    assert!(project.root.join("krew-manifest.yaml").exists());
    assert!(project.repository.starts_with("https://"));
}
