//! Who made what the binary holds, and under which licences: their notices go with every archive.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::Outcome;
use crate::pack::Entry;
use crate::project::Project;
use crate::project::cargo;
use crate::say;

/// What they are called in an archive.
pub const NAMES: [&str; 2] = ["THIRD-PARTY-NOTICES.txt", "COPYRIGHT-library.html"];
/// What Rust says of its own library, where rustup put it.
const OF_RUST: &str = "share/doc/rust/COPYRIGHT-library.html";
/// The C library that is in a binary for musl, as it wants to be named.
const OF_MUSL: &str = include_str!("musl.txt");
/// How the names of such files begin, in capitals.
const FILES: [&str; 7] = ["LICENSE", "LICENCE", "UNLICENSE", "COPYING", "NOTICE", "COPYRIGHT", "AUTHORS"];

/// A package that is linked in.
#[derive(Clone, Debug)]
struct Package {
    name: String,
    licence: String,
    /// What it says of its licences, with whatever lies in its folders.
    texts: Vec<String>,
}

/// All of them for a binary for this target.
pub fn of(project: &Project, target: &str) -> Outcome<Vec<Entry>> {
    let packages = packages(project, target)?;
    let lacking = packages.iter().find(|package| package.texts.is_empty() && !is_apache(&package.licence));
    if let Some(Package { name, licence, .. }) = lacking {
        return Err(format!("{name} is under {licence}, and the text of that is not in it; add it by hand"));
    }
    let mut text = written(&packages);
    if target.contains("-musl") {
        text.push_str(OF_MUSL);
    }
    let mut entries = vec![Entry::new(NAMES[0], text.into_bytes())];
    let root = run(Command::new("rustc").args(["--print", "sysroot"]))?;
    let of_rust = Path::new(root.trim_end()).join(OF_RUST);
    if of_rust.exists() {
        entries.push(Entry::read(&of_rust, NAMES[1], 0o644)?);
    } else {
        say(&format!("{} is not there: the archive lacks the notices of Rust's library", of_rust.display()));
    }
    Ok(entries)
}

/// Those that lie in a folder, out of another archive.
pub fn from(folder: &Path) -> Outcome<Vec<Entry>> {
    let [of_packages, of_rust] = NAMES;
    let is_there = |name: &&str| *name == of_packages || folder.join(of_rust).exists();
    NAMES.into_iter().filter(is_there).map(|name| Entry::read(&folder.join(name), name, 0o644)).collect()
}

/// The text of our own LICENSE is one that they may be taken under.
fn is_apache(licence: &str) -> bool {
    let choices = licence.split(" OR ").flat_map(|choice| choice.split('/'));
    choices.map(str::trim).any(|choice| choice == "Apache-2.0")
}

fn written(packages: &[Package]) -> String {
    let mut parts = vec![
        "kubectl-arc is under the Apache License 2.0, which is in LICENSE. These packages of others are in it, too:\n\n"
            .to_owned(),
    ];
    parts.extend(packages.iter().map(|package| format!("{}: {}\n", package.name, package.licence)));
    parts.push(
        "\nThe Apache License 2.0 that some of them name without a text is that of LICENSE.\n".to_owned(),
    );
    let mut of_texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        for text in &package.texts {
            of_texts.entry(text).or_default().push(&package.name);
        }
    }
    let mut by_names: Vec<(Vec<&str>, &str)> =
        of_texts.into_iter().map(|(text, names)| (names, text)).collect();
    by_names.sort();
    let told =
        |(names, text): (Vec<&str>, &str)| format!("\n{}\n{}\n\n{text}", "-".repeat(80), names.join(", "));
    parts.extend(by_names.into_iter().map(told));
    parts.concat()
}

/// Those that Cargo links for this target, without what only builds, writes code or tests.
fn packages(project: &Project, target: &str) -> Outcome<Vec<Package>> {
    let mut tree = Command::new(cargo());
    tree.args([
        "tree",
        "--locked",
        "--package",
        "kubectl-arc",
        "--edges",
        "normal,no-proc-macro",
        "--target",
        target,
    ]);
    let tree = run(tree.args(["--prefix", "none", "--format", "{p}"]).current_dir(&project.root))?;
    // `NAME vVERSION`, and perhaps more.
    let words = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let linked: BTreeSet<String> = tree.lines().map(words).collect();

    let mut metadata = Command::new(cargo());
    metadata.args(["metadata", "--locked", "--format-version", "1", "--filter-platform", target]);
    let said = run(metadata.current_dir(&project.root))?;
    let said: Value = serde_json::from_str(&said).map_err(|error| format!("cargo metadata: {error}"))?;
    let text = |package: &Value, field: &str| package[field].as_str().unwrap_or_default().to_owned();
    let mut packages = Vec::new();
    for package in said["packages"].as_array().into_iter().flatten() {
        let name = format!("{} v{}", text(package, "name"), text(package, "version"));
        if package["source"].is_null() || !linked.contains(&name) {
            continue;
        }
        let folder = PathBuf::from(text(package, "manifest_path"));
        let texts = texts(folder.parent().unwrap_or(&folder))?;
        packages.push(Package { name, licence: text(package, "license"), texts });
    }
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    if packages.len() + 1 < linked.len() {
        return Err(format!("cargo metadata tells of {} packages, cargo tree of {linked:?}", packages.len()));
    }
    Ok(packages)
}

/// The texts of all files about licences below a folder, each once.
fn texts(folder: &Path) -> Outcome<Vec<String>> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| failed(&folder, error))? {
            let path = entry.map_err(|error| failed(&folder, error))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
            if path.is_dir() {
                folders.push(path);
            } else if FILES.iter().any(|file| name.starts_with(file)) && !name.ends_with(".RS") {
                let bytes = fs::read(&path).map_err(|error| failed(&path, error))?;
                let text = String::from_utf8_lossy(&bytes);
                let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
                found.insert(lines.join("\n") + "\n");
            }
        }
    }
    Ok(found.into_iter().collect())
}

fn run(command: &mut Command) -> Outcome<String> {
    let name = format!("{} {:?}", command.get_program().display(), command.get_args().collect::<Vec<_>>());
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_whose_work_is_in_the_binary_is_named() {
        let project = Project::read().unwrap();
        let entries = of(&project, &crate::build::host().unwrap()).unwrap();
        let text = entries[0].text();
        // Packages, whose they are, and what one has taken over from others, in a folder of its own.
        for part in ["\nkube v", "\nring v", "\nserde v", "Joseph Birr-Pixton", "the fiat-crypto authors"] {
            assert!(text.contains(part), "{part} is not in the notices");
        }
        // What builds or tests it, and the tools here.
        for part in ["minijinja", "proptest", "\ncc v", "\nkubectl-arc v"] {
            assert!(!text.contains(part), "{part} is in the notices, and not in the binary");
        }
        assert!(OF_MUSL.contains("musl") && OF_MUSL.contains("Rich Felker"));
    }

    #[test]
    fn a_text_is_told_once_with_all_whom_it_is_of() {
        let package = |name: &str, licence: &str, texts: &[&str]| Package {
            name: name.to_owned(),
            licence: licence.to_owned(),
            texts: texts.iter().map(|text| (*text).to_owned()).collect(),
        };
        let text = written(&[
            package("a v1", "MIT", &["Copyright A\n"]),
            package("b v1", "MIT OR Apache-2.0", &["Copyright A\n", "Copyright B\n"]),
        ]);
        assert_eq!(text.matches("Copyright A").count(), 1);
        assert!(
            text.contains("\na v1, b v1\n\nCopyright A\n") && text.contains("\nb v1\n\nCopyright B\n"),
            "{text}"
        );
        for (licence, is) in [
            ("MIT OR Apache-2.0", true),
            ("MIT/Apache-2.0", true),
            ("Apache-2.0", true),
            ("MIT", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", false),
            ("Apache-2.0 AND ISC", false),
            ("Apache-2.0 WITH LLVM-exception", false),
        ] {
            assert_eq!(is_apache(licence), is, "{licence}");
        }
    }
}
