//! What is released for, in the words of Rust and in those of krew.

use crate::Outcome;

/// The targets of a release. `.github/workflows/release.yml` builds these, which a test holds.
pub const RELEASED: [&str; 5] = [
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
];

/// One system as krew's selectors name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform {
    pub os: &'static str,
    pub arch: &'static str,
}

impl Platform {
    /// The platform of a target triple.
    pub fn of(triple: &str) -> Outcome<Self> {
        let holds = |word: &str| triple.split('-').any(|part| part == word);
        let systems = [("linux", "linux"), ("darwin", "darwin"), ("windows", "windows")];
        let machines = [("x86_64", "amd64"), ("aarch64", "arm64")];
        let os = systems.iter().find(|(word, _)| holds(word));
        let arch = machines.iter().find(|(word, _)| holds(word));
        match (os, arch) {
            (Some((_, os)), Some((_, arch))) => Ok(Self { os, arch }),
            _ => Err(format!(
                "{triple} is nothing that is released for; give --target one of {}",
                RELEASED.join(", ")
            )),
        }
    }

    pub fn released() -> Outcome<Vec<Self>> {
        RELEASED.iter().map(|triple| Self::of(triple)).collect()
    }

    pub fn binary(self) -> &'static str {
        if self.os == "windows" { "kubectl-arc.exe" } else { "kubectl-arc" }
    }

    /// The name of the archive, which is the last part of its address.
    pub fn archive(self, version: &str) -> String {
        let ending = if self.os == "windows" { "zip" } else { "tar.gz" };
        format!("kubectl-arc_v{version}_{}_{}.{ending}", self.os, self.arch)
    }
}

#[test]
fn targets_are_platforms_of_krew() {
    let names: Vec<String> =
        Platform::released().unwrap().into_iter().map(|platform| platform.archive("1.2.3")).collect();
    assert_eq!(
        names,
        [
            "kubectl-arc_v1.2.3_linux_amd64.tar.gz",
            "kubectl-arc_v1.2.3_linux_arm64.tar.gz",
            "kubectl-arc_v1.2.3_darwin_amd64.tar.gz",
            "kubectl-arc_v1.2.3_darwin_arm64.tar.gz",
            "kubectl-arc_v1.2.3_windows_amd64.zip",
        ]
    );
    let gnu = Platform::of("x86_64-pc-windows-gnu").unwrap();
    assert_eq!((gnu.os, gnu.arch, gnu.binary()), ("windows", "amd64", "kubectl-arc.exe"));
    let error = Platform::of("riscv64gc-unknown-linux-gnu").unwrap_err();
    assert!(
        error.contains("riscv64gc-unknown-linux-gnu") && error.contains("aarch64-apple-darwin"),
        "{error}"
    );
}

#[test]
fn the_workflow_builds_what_is_released() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.github/workflows/release.yml");
    let workflow = std::fs::read_to_string(path).unwrap();
    let built: Vec<&str> = workflow
        .lines()
        .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("target: "))
        .collect();
    assert_eq!(built, RELEASED, "the matrix of {path}, and RELEASED");
}
