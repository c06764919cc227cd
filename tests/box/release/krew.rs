//! The real krew with a root and a home of its own, called through the real kubectl.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::Outcome;
use crate::process;
use crate::process::Done;

/// How often what a person would type again is asked.
const TRIES: usize = 60;

pub struct Krew {
    bin: PathBuf,
    root: PathBuf,
    home: PathBuf,
}

impl Krew {
    /// Everything it keeps is below this folder. Its default index is an empty one that lies there, too: without any it
    /// does not uninstall, and krew's own is not to be had here.
    pub fn new(bin: &Path, folder: &Path) -> Outcome<Self> {
        let krew = Self { bin: bin.to_owned(), root: folder.join("krew"), home: folder.join("home") };
        let index = folder.join("default");
        for folder in [&krew.home, &index.join("plugins")] {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let note = index.join("plugins/none");
        fs::write(&note, "").map_err(|error| format!("{}: {error}", note.display()))?;
        krew.commit(&index, "empty")?;
        krew.must(&["krew", "index", "add", "default", &index.display().to_string()])?;
        Ok(krew)
    }

    /// A program that knows kubectl, krew and what it installed, and nothing of the tester's own.
    fn sealed(&self, program: &Path) -> Command {
        let system = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", format!("{}:{}:{system}", self.root.join("bin").display(), self.bin.display()))
            .env("HOME", &self.home)
            .env("KUBECONFIG", self.home.join("none"))
            .env("KREW_ROOT", &self.root)
            .env("KREW_NO_UPGRADE_CHECK", "1")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .current_dir(&self.home);
        command
    }

    fn kubectl(&self, arguments: &[&str]) -> Command {
        let mut command = self.sealed(&self.bin.join("kubectl"));
        command.args(arguments);
        command
    }

    pub fn must(&self, arguments: &[&str]) -> Outcome<String> {
        process::must(&mut self.kubectl(arguments))
    }

    /// kubectl ends with this code, and all of these are in what it prints.
    pub fn says(&self, arguments: &[&str], code: i32, words: &[&str]) -> Outcome<()> {
        let done = process::run(&mut self.kubectl(arguments))?;
        let lacks = words.iter().find(|word| !done.stdout.contains(**word));
        if done.code == Some(code) && lacks.is_none() {
            return Ok(());
        }
        let Done { stdout, stderr, code: ended } = done;
        let wanted = lacks.map(|word| format!(" and {word:?}")).unwrap_or_default();
        Err(format!(
            "kubectl {}: expected {code}{wanted}, got {ended:?}\n{stdout}\n{stderr}",
            arguments.join(" ")
        ))
    }

    pub fn install_from(&self, manifest: &Path, archive: &Path) -> Outcome<()> {
        let manifest = format!("--manifest={}", manifest.display());
        let archive = format!("--archive={}", archive.display());
        self.must(&["krew", "install", &manifest, &archive]).map(drop)
    }

    /// The link that kubectl finds leads to this file, and that is this binary.
    pub fn is_linked(&self, name: &str, to: &str, binary: &Path) -> Outcome<()> {
        let link = self.root.join("bin").join(name);
        let failed = |error: std::io::Error| format!("{}: {error}", link.display());
        let target = fs::canonicalize(&link).map_err(failed)?;
        let wanted = fs::canonicalize(self.root.join(to)).map_err(failed)?;
        if target != wanted {
            return Err(format!("{} leads to {}, not to {to}", link.display(), target.display()));
        }
        if fs::read(&link).map_err(failed)? != fs::read(binary).map_err(failed)? {
            return Err(format!("{} is not {}", link.display(), binary.display()));
        }
        Ok(())
    }

    pub fn holds(&self, file: &str) -> Outcome<()> {
        if self.root.join(file).is_file() { Ok(()) } else { Err(format!("krew did not install {file}")) }
    }

    pub fn lacks(&self, file: &str) -> Outcome<()> {
        if self.root.join(file).exists() { Err(format!("krew left {file} behind")) } else { Ok(()) }
    }

    /// kubectl completes its words once the plugin has put its link there, and it takes the link away again.
    pub fn completes(&self, name: &str, example: &str) -> Outcome<()> {
        self.must(&[name, "completion", "--install", "--yes"])?;
        self.offers(&["__complete", name, "un"], "unblock")?;
        self.offers(&["__complete", name, "why", "-f", example, "ns/arc-r"], "ns/arc-release")?;
        self.must(&[name, "completion", "--uninstall", "--yes"]).map(drop)
    }

    /// There is an answer within a second or none, so on a busy machine it is asked again.
    fn offers(&self, arguments: &[&str], word: &str) -> Outcome<()> {
        let mut said = Ok(());
        for _ in 0..TRIES {
            said = self.says(arguments, 0, &[word]);
            if said.is_ok() {
                break;
            }
        }
        said
    }

    /// Uninstalls it; kubectl does not know it any more, and nothing of it is left.
    pub fn remove(&self, name: &str) -> Outcome<()> {
        self.must(&["krew", "uninstall", name])?;
        let done = process::run(&mut self.kubectl(&[name, "version"]))?;
        if done.code != Some(1) || !done.stderr.contains("unknown command") {
            return Err(format!("kubectl {name} after it was removed: {done:?}"));
        }
        for folder in ["bin", "store", "receipts"] {
            let folder = self.root.join(folder);
            let left = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            let left: Vec<PathBuf> = left.flatten().map(|entry| entry.path()).collect();
            if !left.is_empty() {
                return Err(format!("krew left this behind: {left:?}"));
            }
        }
        // Nothing was written beside it either.
        let home = fs::read_dir(&self.home).map_err(|error| format!("{}: {error}", self.home.display()))?;
        match home.flatten().map(|entry| entry.path()).find(|path| !path.ends_with(".kube")) {
            Some(path) => Err(format!("{} was written into the home folder", path.display())),
            None => Ok(()),
        }
    }

    /// krew's own validation of a manifest.
    pub fn validate(&self, manifest: &Path, flags: &[&str]) -> Outcome<()> {
        let mut command = self.sealed(&self.bin.join("validate-krew-manifest"));
        process::must(command.arg("-manifest").arg(manifest).args(flags)).map(drop)
    }

    /// Commits all that is in a folder, which becomes a Git repository.
    pub fn commit(&self, folder: &Path, message: &str) -> Outcome<()> {
        let who = ["-c", "user.name=lab", "-c", "user.email=lab@example.invalid"];
        let commit: Vec<&str> = [&who[..], &["commit", "--quiet", "-m", message]].concat();
        for arguments in [&["init", "--quiet"][..], &["add", "--all"], &commit] {
            process::must(self.sealed(Path::new("git")).args(arguments).current_dir(folder))?;
        }
        Ok(())
    }
}
