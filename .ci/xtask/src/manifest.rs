//! krew's manifest, from one template.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use minijinja::Environment;
use minijinja::UndefinedBehavior;
use minijinja::context;

use crate::Outcome;
use crate::checksum;
use crate::platform::Platform;
use crate::print;
use crate::project::Project;
use crate::say;

const TEMPLATE: &str = include_str!("../../krew-manifest.yaml");

#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// The name of the plugin; its file in an index has to have the same
    #[arg(long, default_value = "arc")]
    name: String,
    /// The version, instead of that in Cargo.toml
    #[arg(long)]
    version: Option<String>,
    /// Where the archives are downloaded from, instead of from the release at GitHub
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Where the archives are here
    #[arg(long, value_name = "FOLDER")]
    dist: Option<PathBuf>,
    /// Only the platforms whose archives are here
    #[arg(long, conflicts_with = "unreleased")]
    available: bool,
    /// All platforms, with zeros for sums: the file that is kept until a release
    #[arg(long)]
    unreleased: bool,
    /// Write it here instead of to the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(project: &Project, options: &Options) -> Outcome<()> {
    let text = render(project, options)?;
    let Some(file) = &options.output else {
        return print(&text);
    };
    fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    say(&file.display().to_string());
    Ok(())
}

fn render(project: &Project, options: &Options) -> Outcome<String> {
    let version = options.version.as_ref().unwrap_or(&project.version);
    let release = || format!("{}/releases/download/v{version}", project.repository);
    let base = options.base_url.clone().unwrap_or_else(release);
    let dist = options.dist.clone().unwrap_or_else(|| project.dist());
    let mut platforms = Vec::new();
    for platform in Platform::released()? {
        let archive = platform.archive(version);
        if options.available && !checksum::is_there(&dist.join(&archive)) {
            continue;
        }
        platforms.push(context! {
            os => platform.os,
            arch => platform.arch,
            uri => format!("{}/{archive}", base.trim_end_matches('/')),
            sha256 => sum(options, &dist.join(&archive))?,
            bin => platform.binary(),
        });
    }
    if platforms.is_empty() {
        return Err(format!("{}: no archive of version {version} is there", dist.display()));
    }
    let values = context! {
        name => &options.name,
        version,
        homepage => &project.repository,
        unreleased => options.unreleased,
        platforms,
    };
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let rendered = environment.render_str(TEMPLATE, values);
    // The last line break of a template is taken off, and krew's index wants one.
    rendered.map(|text| text + "\n").map_err(|error| format!(".ci/krew-manifest.yaml: {error}"))
}

fn sum(options: &Options, archive: &Path) -> Outcome<String> {
    if options.unreleased { Ok("0".repeat(64)) } else { checksum::read(archive) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(options: &Options) -> Outcome<String> {
        render(&Project::read().unwrap(), &Options { name: "arc".to_owned(), ..options.clone() })
    }

    #[test]
    fn the_manifest_that_is_kept_is_the_template_rendered() {
        let text = rendered(&Options { unreleased: true, ..Options::default() }).unwrap();
        let kept = Project::read().unwrap().root.join("krew-manifest.yaml");
        if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
            fs::write(&kept, &text).unwrap();
        }
        let kept = fs::read_to_string(kept).unwrap();
        assert_eq!(kept, text, "UPDATE_DOCS=1 cargo test --package xtask renders krew-manifest.yaml anew");
    }

    #[test]
    fn only_what_is_there_is_offered_and_what_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            dist: Some(folder.path().to_owned()),
            version: Some("9.8.7".to_owned()),
            base_url: Some("http://127.0.0.1:1/".to_owned()),
            ..Options::default()
        };
        let available = Options { available: true, ..options.clone() };
        assert!(rendered(&available).unwrap_err().contains("no archive of version 9.8.7"));
        let archive = folder.path().join("kubectl-arc_v9.8.7_darwin_arm64.tar.gz");
        fs::write(&archive, "abc").unwrap();
        let sum = checksum::write(&archive).unwrap();
        let text = rendered(&available).unwrap();
        assert_eq!(text.matches("matchLabels").count(), 1);
        let uri = "uri: http://127.0.0.1:1/kubectl-arc_v9.8.7_darwin_arm64.tar.gz\n";
        assert!(text.contains(uri) && text.contains(&sum), "{text}");
        assert!(text.starts_with("apiVersion:") && text.ends_with("bin: kubectl-arc\n"), "{text}");
        let error = rendered(&options).unwrap_err();
        assert!(
            error.contains("v9.8.7_linux_amd64.tar.gz.sha256") && error.contains("cargo xtask dist"),
            "{error}"
        );
    }
}
