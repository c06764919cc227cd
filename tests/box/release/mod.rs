//! The release as users get it: the archive that `cargo xtask dist` makes, installed by the real krew, called through
//! the real kubectl, upgraded from a custom index and removed again.

mod archive;
mod krew;
mod serve;

use std::fs;
use std::path::Path;

use crate::Outcome;
use crate::house::House;
use archive::Archives;
use archive::VERSION;
use krew::Krew;
use serve::Server;

/// What was released before, in this story.
const OLDER: &str = "0.0.1";
/// The second name, should the index refuse the first.
const SECOND: &str = "arc-doctor";
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/helm-uninstall-secret-gone.yaml");

pub fn play(house: &House) -> Outcome<()> {
    // A build takes the whole machine; what is played beside it would be slow, and may be about time.
    let _all = house.enter_alone();
    let bin = house.bin()?;
    let folder = tempfile::Builder::new().prefix("kubectl-arc-release-").tempdir();
    let folder = folder.map_err(|error| error.to_string())?;
    let folder = folder.path();

    let archives = Archives::build(&folder.join("dist"))?;
    archives.binary_is_static()?;
    validate(&bin, folder, &archives)?;
    from_a_file(&Krew::new(&bin, &folder.join("first"))?, folder, &archives)?;
    under_another_name(&Krew::new(&bin, &folder.join("second"))?, folder, &archives)?;
    from_an_index(&Krew::new(&bin, &folder.join("third"))?, folder, &archives)
}

/// krew's own validation, which its index demands of every change.
fn validate(bin: &Path, folder: &Path, archives: &Archives) -> Outcome<()> {
    let krew = Krew::new(bin, &folder.join("validation"))?;
    // As it is kept: the addresses lead nowhere before the release, so nothing is installed.
    let kept = folder.join("arc.yaml");
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/krew-manifest.yaml"), &kept)
        .map_err(|error| format!("{}: {error}", kept.display()))?;
    krew.validate(&kept, &["-skip-install"])?;
    // With archives behind the addresses: for this machine the real one, for the others the same
    // files in their own kind of archive. krew installs each, and runs none.
    let all = archives.for_every_platform(&folder.join("all"))?;
    let server = Server::start(&all)?;
    for name in ["arc", SECOND] {
        let manifest = folder.join(format!("{name}.yaml"));
        archives.manifest(&all, VERSION, &server.url, name, &manifest)?;
        krew.validate(&manifest, &[])?;
    }
    archives.tell();
    Ok(())
}

/// `kubectl krew install --manifest --archive`, as a developer tries a release.
fn from_a_file(krew: &Krew, folder: &Path, archives: &Archives) -> Outcome<()> {
    let manifest = folder.join("first.yaml");
    archives.manifest(&archives.folder, VERSION, "http://127.0.0.1:9", "arc", &manifest)?;
    krew.install_from(&manifest, &archives.archive)?;
    krew.is_linked("kubectl-arc", &format!("store/arc/v{VERSION}/kubectl-arc"), &archives.binary)?;
    for file in ["LICENSE", "THIRD-PARTY-NOTICES.txt", "README.md", "CHANGELOG.md", "kubectl-arc-why.1"] {
        krew.holds(&format!("store/arc/v{VERSION}/{file}"))?;
    }
    krew.says(&["arc", "version"], 0, &[VERSION])?;
    krew.says(&["arc", "--help"], 0, &["Usage: kubectl arc"])?;
    let why = ["arc", "why", "-f", EXAMPLE, "ns/arc-release"];
    krew.says(&why, 1, &["Blocked: Namespace arc-release", "Root blocker: secret-missing (proven)"])?;
    krew.says(&["arc", "why", "-f", EXAMPLE, "ns/nowhere"], 2, &[])?;
    krew.completes("arc", EXAMPLE)?;
    krew.remove("arc")
}

fn under_another_name(krew: &Krew, folder: &Path, archives: &Archives) -> Outcome<()> {
    let manifest = folder.join("second.yaml");
    archives.manifest(&archives.folder, VERSION, "http://127.0.0.1:9", SECOND, &manifest)?;
    krew.install_from(&manifest, &archives.archive)?;
    // krew links dashes as underscores, and kubectl looks for those.
    krew.is_linked(
        "kubectl-arc_doctor",
        &format!("store/{SECOND}/v{VERSION}/kubectl-arc"),
        &archives.binary,
    )?;
    krew.says(&[SECOND, "version"], 0, &[VERSION])?;
    krew.says(&[SECOND, "--help"], 0, &["Usage: kubectl arc-doctor"])?;
    krew.completes(SECOND, EXAMPLE)?;
    krew.says(&[SECOND, "why", "-f", EXAMPLE, "ns/arc-release"], 1, &["kubectl arc-doctor explain"])?;
    krew.remove(SECOND)
}

/// A custom index: a Git repository, and archives behind an address.
fn from_an_index(krew: &Krew, folder: &Path, archives: &Archives) -> Outcome<()> {
    let served = folder.join("served");
    archives.older(&served, OLDER)?;
    archives.copy_to(&served)?;
    let server = Server::start(&served)?;
    let index = folder.join("index");
    let manifest = index.join("plugins/arc.yaml");
    fs::create_dir_all(index.join("plugins")).map_err(|error| format!("{}: {error}", index.display()))?;
    archives.manifest(&served, OLDER, &server.url, "arc", &manifest)?;
    krew.commit(&index, OLDER)?;

    krew.must(&["krew", "index", "add", "lab", &index.display().to_string()])?;
    krew.must(&["krew", "install", "lab/arc"])?;
    let older = archives.older_binary();
    krew.is_linked("kubectl-arc", &format!("store/arc/v{OLDER}/kubectl-arc"), &older)?;
    krew.says(&["arc", "version"], 0, &[VERSION])?;
    krew.must(&["arc", "completion", "--install", "--yes"])?;

    archives.manifest(&served, VERSION, &server.url, "arc", &manifest)?;
    krew.commit(&index, VERSION)?;
    krew.must(&["krew", "upgrade"])?;
    krew.is_linked("kubectl-arc", &format!("store/arc/v{VERSION}/kubectl-arc"), &archives.binary)?;
    krew.lacks(&format!("store/arc/v{OLDER}"))?;
    krew.says(&["arc", "version"], 0, &[VERSION])?;
    // The link that completes was made by the older version, and leads to the newer.
    krew.completes("arc", EXAMPLE)?;
    krew.remove("arc")
}
