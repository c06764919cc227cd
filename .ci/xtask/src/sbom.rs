//! The bill of materials: what is in the binary, by name, version and licence.

use std::fs;
use std::process::Command;

use crate::Outcome;
use crate::project::Project;
use crate::project::cargo;
use crate::say;

pub fn run(project: &Project) -> Outcome<()> {
    let name = format!("kubectl-arc_v{}", project.version);
    let status = Command::new(cargo())
        .args(["cyclonedx", "--manifest-path", "Cargo.toml", "--format", "json", "--no-build-deps"])
        .args(["--spec-version", "1.5", "--target", "all", "--override-filename", &name])
        .current_dir(&project.root)
        .status()
        .map_err(|error| format!("cargo cyclonedx: {error}"))?;
    if !status.success() {
        return Err(format!("cargo cyclonedx: {status}; `cargo install --locked cargo-cyclonedx` brings it"));
    }
    // It writes one beside the Cargo.toml of each member; that of the tools here is nobody's business.
    let file = format!("{name}.json");
    fs::remove_file(project.root.join(".ci/xtask").join(&file)).ok();
    let made = project.root.join(&file);
    let kept = project.dist().join(format!("{name}.cdx.json"));
    fs::create_dir_all(project.dist())
        .and_then(|()| fs::copy(&made, &kept))
        .and_then(|_| fs::remove_file(&made))
        .map_err(|error| format!("{}: {error}", kept.display()))?;
    say(&kept.display().to_string());
    Ok(())
}
