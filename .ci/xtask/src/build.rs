//! The release binary: one file that needs no library of the system.

use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::Outcome;
use crate::platform::Platform;
use crate::project::Project;
use crate::project::cargo;

/// The target of this machine.
pub fn host() -> Outcome<String> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|error| format!("rustc: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| format!("rustc -vV names no host: {said}"))
}

/// Builds it, and says where it is.
pub fn binary(project: &Project, target: &str, platform: Platform) -> Outcome<PathBuf> {
    let status = Command::new(cargo())
        .args(["build", "--release", "--locked", "--package", "kubectl-arc", "--target", target])
        .arg("--target-dir")
        .arg(&project.target)
        .args(["--config", &format!("target.{target}.rustflags={:?}", flags(project, target))])
        .current_dir(&project.root)
        // Flags from outside would take the place of these.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .status()
        .map_err(|error| format!("cargo build: {error}"))?;
    if !status.success() {
        return Err(format!("cargo build --release --target {target}: {status}"));
    }
    Ok(project.target.join(target).join("release").join(platform.binary()))
}

/// Static, and without the places of the machine that built it.
fn flags(project: &Project, target: &str) -> Vec<String> {
    let mut flags = Vec::new();
    // musl is static by itself; macOS has no static C library.
    if target.ends_with("-linux-gnu") || target.ends_with("-windows-msvc") {
        flags.extend(["-C".to_owned(), "target-feature=+crt-static".to_owned()]);
    }
    let places = [(cargo_home(), "cargo"), (Some(project.root.clone()), "kubectl-arc")];
    for (place, name) in places {
        if let Some(place) = place {
            flags.push(format!("--remap-path-prefix={}={name}", place.display()));
        }
    }
    flags
}

fn cargo_home() -> Option<PathBuf> {
    let place = |name: &str| std::env::var_os(name).filter(|value: &OsString| !value.is_empty());
    let home = || place("HOME").or_else(|| place("USERPROFILE"));
    place("CARGO_HOME").map(PathBuf::from).or_else(|| Some(Path::new(&home()?).join(".cargo")))
}

#[test]
fn every_linux_and_windows_build_is_static() {
    let project = Project::read().unwrap();
    let is_asked_to = |target| flags(&project, target).contains(&"target-feature=+crt-static".to_owned());
    assert!(is_asked_to("x86_64-unknown-linux-gnu") && is_asked_to("x86_64-pc-windows-msvc"));
    assert!(!is_asked_to("aarch64-apple-darwin") && !is_asked_to("x86_64-unknown-linux-musl"));
}

#[test]
fn this_machine_is_known() {
    assert!(host().unwrap().contains('-'));
}
