//! The programs of tests/cluster: built once, when a Go toolchain is there.

use std::fs::File;
use std::fs::create_dir_all;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::Outcome;
use crate::process;

/// The oldest Go that can fetch the one that the modules want.
const FETCHES_TOOLCHAINS: (u32, u32) = (1, 21);

/// Why nothing can be built here; `Ok` with the version if it can.
pub fn toolchain() -> Outcome<String> {
    let wanted = wanted();
    if !cfg!(target_os = "linux") {
        return Err("the box runs programs in namespaces of Linux".to_owned());
    }
    let said = process::must(Command::new("go").args(["env", "GOVERSION"]).env("GOTOOLCHAIN", "local"))
        .map_err(|_| format!("no Go toolchain is on the PATH; Go {wanted} builds the box"))?;
    let version = said.trim().trim_start_matches("go").to_owned();
    match numbers(&version) {
        Some(found) if found >= FETCHES_TOOLCHAINS => Ok(version),
        _ => Err(format!("Go {version} is too old; Go {wanted} builds the box")),
    }
}

/// The version that the modules ask for.
fn wanted() -> String {
    let module = include_str!("../cluster/controlplane/go.mod");
    let line = module.lines().find_map(|line| line.strip_prefix("go "));
    line.unwrap_or("1.26").to_owned()
}

/// `1.26.8` as (1, 26).
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(|letter: char| !letter.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Builds what is not built yet and says where it is.
pub fn build(version: &str) -> Outcome<PathBuf> {
    let folder = folder()?;
    create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    // Two runs at once would build everything twice.
    let lock = folder.join("lock");
    let lock = File::create(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    lock.lock().map_err(|error| format!("cannot lock {}: {error}", folder.display()))?;
    let time = match folder.join("controlplane").exists() {
        true => "a few seconds if nothing changed",
        false => "10 to 20 minutes the first time",
    };
    let line =
        format!("box: Go {version} builds Kubernetes, Helm and ARC into {}: {time}\n", folder.display());
    std::io::stderr().write_all(line.as_bytes()).ok();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/build.sh");
    process::must(Command::new("bash").arg(script).arg(&folder))?;
    Ok(folder)
}

/// `$BOX_BIN`, else a folder in the user's cache.
fn folder() -> Outcome<PathBuf> {
    let path = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = || path("XDG_CACHE_HOME").or_else(|| Some(path("HOME")?.join(".cache")));
    path("BOX_BIN")
        .or_else(|| Some(cache()?.join("kubectl-arc-box")))
        .ok_or_else(|| "no place to build into: neither BOX_BIN nor HOME is set".to_owned())
}

/// What `toolchain` makes of version numbers.
pub fn reads_versions() -> Outcome<()> {
    for (text, expected) in [("1.26.8", Some((1, 26))), ("1.21rc2", Some((1, 21))), ("devel", None)] {
        if numbers(text) != expected {
            return Err(format!("{text} was read as {:?}", numbers(text)));
        }
    }
    Ok(())
}
