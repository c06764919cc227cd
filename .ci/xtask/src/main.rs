//! What a release takes, as commands that run on every system; docs/releasing.md shows them in their order.

mod build;
mod changelog;
mod checksum;
mod manifest;
mod notices;
mod pack;
mod platform;
mod project;
mod sbom;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use platform::Platform;
use project::Project;

/// What went wrong is said to a person.
type Outcome<T> = Result<T, String>;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "What a release takes")]
enum Command {
    /// Build the release binary, static, and pack it into target/dist with its checksum
    Dist(Dist),
    /// Write the manifest for krew, with the sums of the archives in target/dist
    Manifest(manifest::Options),
    /// Write the bill of materials into target/dist (takes cargo-cyclonedx)
    Sbom,
    /// Write the sums of all that is in target/dist into one file there
    Checksums,
    /// Print what CHANGELOG.md says of this version
    Notes,
    /// Fail unless this tag is that of the version in Cargo.toml, and the version has its notes
    Tag {
        /// As Git names it, v1.2.3
        tag: String,
    },
}

#[derive(Debug, clap::Args)]
struct Dist {
    /// What to build for; this machine unless given
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Pack this binary instead of building one
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Pack the notices of others that lie here instead of collecting them
    #[arg(long, value_name = "FOLDER")]
    notices: Option<PathBuf>,
    /// Call it this version instead of that in Cargo.toml
    #[arg(long)]
    version: Option<String>,
    /// Put the archive here
    #[arg(long, value_name = "FOLDER")]
    dist: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Command::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("xtask: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Outcome<()> {
    let project = Project::read()?;
    match command {
        Command::Dist(options) => dist(&project, options),
        Command::Manifest(options) => manifest::run(&project, &options),
        Command::Sbom => sbom::run(&project),
        Command::Checksums => checksum::write_all(&project.dist()).map(|file| say(&file)),
        Command::Notes => print(&changelog::notes(&project)?),
        Command::Tag { tag } if tag == format!("v{}", project.version) => {
            changelog::notes(&project).map(drop)
        }
        Command::Tag { tag } => Err(format!(
            "the tag is {tag}, the version in Cargo.toml {}; release it as v{}, or change the version first",
            project.version, project.version
        )),
    }
}

fn dist(project: &Project, options: Dist) -> Outcome<()> {
    let target = options.target.map_or_else(build::host, Ok)?;
    let platform = Platform::of(&target)?;
    let version = options.version.as_ref().unwrap_or(&project.version);
    let folder = options.dist.unwrap_or_else(|| project.dist());
    let binary = match options.binary {
        Some(binary) => binary,
        None => build::binary(project, &target, platform)?,
    };
    let notices = match options.notices {
        Some(folder) => notices::from(&folder)?,
        None => notices::of(project, &target)?,
    };
    let archive = folder.join(platform.archive(version));
    pack::write(&archive, &pack::entries(project, platform, &binary, notices)?)?;
    let sum = checksum::write(&archive)?;
    say(&format!("{}\n{sum}", archive.display()));
    Ok(())
}

fn print(text: &str) -> Outcome<()> {
    let written = std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes());
    written.map_err(|error| format!("cannot write to the standard output: {error}"))
}

/// Paths and sums go to stderr: stdout is for what a command makes, such as the manifest.
fn say(text: &str) {
    std::io::Write::write_all(&mut std::io::stderr(), format!("{text}\n").as_bytes()).ok();
}
