//! What `cargo xtask` makes: archives, sums and manifests.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::Outcome;
use crate::process;

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The others that are released for, one for each platform of the manifest.
const OTHERS: [&str; 5] = [
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
];

/// The archive for this machine, and the binary in it.
pub struct Archives {
    pub folder: PathBuf,
    pub archive: PathBuf,
    pub binary: PathBuf,
}

impl Archives {
    /// Builds the release for this machine.
    pub fn build(folder: &Path) -> Outcome<Self> {
        xtask(&["dist", "--dist", &text(folder)])?;
        let archive = archive(folder, &format!("_v{VERSION}_"))?;
        let unpacked = folder.join("unpacked");
        fs::create_dir_all(&unpacked).map_err(|error| format!("{}: {error}", unpacked.display()))?;
        process::must(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&unpacked))?;
        Ok(Self { folder: folder.to_owned(), archive, binary: unpacked.join("kubectl-arc") })
    }

    /// It runs where no library is, whatever the distribution.
    pub fn binary_is_static(&self) -> Outcome<()> {
        let done = process::run(Command::new("ldd").arg(&self.binary).env("LC_ALL", "C"))?;
        let said = format!("{}{}", done.stdout, done.stderr);
        let is_static = said.contains("statically linked") || said.contains("not a dynamic executable");
        if is_static { Ok(()) } else { Err(format!("ldd says of the binary: {said}")) }
    }

    /// Archives of all platforms: that of this machine, and for each other the same files in its own kind of archive.
    pub fn for_every_platform(&self, folder: &Path) -> Outcome<PathBuf> {
        for target in OTHERS {
            let (binary, notices) = (text(&self.binary), text(self.binary.parent().unwrap_or(&self.folder)));
            let same = ["--binary", &binary, "--notices", &notices, "--dist", &text(folder)];
            xtask(&[&["dist", "--target", target], &same[..]].concat())?;
        }
        self.copy_to(folder)?;
        Ok(folder.to_owned())
    }

    /// Says what the validation of the other platforms was worth.
    pub fn tell(&self) {
        let here = self.archive.file_name().unwrap_or_default().to_string_lossy();
        let line = format!(
            "box: krew's validation installed {here} as it is released; those of the other platforms are packed the \
             same way, but with this machine's binary in them\n"
        );
        std::io::stderr().write_all(line.as_bytes()).ok();
    }

    /// An older release, whose binary is another one: that of the tests.
    pub fn older(&self, folder: &Path, version: &str) -> Outcome<()> {
        let binary = text(&self.older_binary());
        xtask(&["dist", "--binary", &binary, "--version", version, "--dist", &text(folder)])
    }

    pub fn older_binary(&self) -> PathBuf {
        env!("CARGO_BIN_EXE_kubectl-arc").into()
    }

    /// Puts the archive and its sum into another folder, too.
    pub fn copy_to(&self, folder: &Path) -> Outcome<()> {
        for name in [text(&self.archive), format!("{}.sha256", text(&self.archive))] {
            let file = Path::new(&name);
            let copy = folder.join(file.file_name().unwrap_or_default());
            fs::copy(file, &copy).map_err(|error| format!("{}: {error}", copy.display()))?;
        }
        Ok(())
    }

    /// Writes the manifest of the archives in a folder, to be had from this address.
    pub fn manifest(&self, of: &Path, version: &str, url: &str, name: &str, to: &Path) -> Outcome<()> {
        let (of, to) = (text(of), text(to));
        let what = ["manifest", "--available", "--dist", &of, "--version", version, "--base-url", url];
        xtask(&[&what[..], &["--name", name, "--output", &to]].concat())
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn xtask(arguments: &[&str]) -> Outcome<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.arg("xtask").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    process::must(&mut command).map(drop)
}

/// The one archive in a folder with this in its name.
fn archive(folder: &Path, holds: &str) -> Outcome<PathBuf> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let is_it = |path: &PathBuf| text(path).ends_with(".tar.gz") && text(path).contains(holds);
    let found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_it).collect();
    match <[PathBuf; 1]>::try_from(found) {
        Ok([archive]) => Ok(archive),
        Err(found) => Err(format!("one archive was to be made, and these are there: {found:?}")),
    }
}
