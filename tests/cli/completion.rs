//! `completion`: the link beside the plugin, the scripts, and what the real kubectl and bash make of them.

use crate::api::Api;
use crate::api::World;
use crate::complete::TRIES;
use crate::pty::Terminal;
use crate::run::BINARY;
use crate::run::Done;
use crate::run::done;
use crate::run::example;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// A folder on PATH as krew's: the plugin in it is a link to where krew keeps this version.
struct Bin {
    folder: tempfile::TempDir,
}

impl Bin {
    fn new() -> Self {
        let bin = Self { folder: tempfile::tempdir().unwrap() };
        symlink(BINARY, bin.path("kubectl-arc")).unwrap();
        bin
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The plugin as kubectl starts it.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.path("kubectl-arc"));
        command.env_clear().env("PATH", self.search()).args(arguments);
        command
    }

    fn search(&self) -> String {
        format!("{}:/usr/bin:/bin", self.folder.path().display())
    }

    fn call(&self, arguments: &[&str]) -> Done {
        done(&mut self.command(arguments), "")
    }

    fn link(&self) -> Option<PathBuf> {
        fs::read_link(self.path("kubectl_complete-arc")).ok()
    }
}

const INSTALL: &[&str] = &["completion", "--install", "--yes"];
const UNINSTALL: &[&str] = &["completion", "--uninstall", "--yes"];

#[test]
fn the_link_is_made_once_and_taken_away() {
    let bin = Bin::new();
    let path = bin.path("kubectl_complete-arc");
    let created = bin.call(INSTALL);
    assert_eq!(
        (created.code, created.stdout),
        (0, format!("{} created\n", path.display())),
        "{}",
        created.stderr
    );
    assert!(created.stderr.contains("will be a link to"), "{}", created.stderr);
    assert_eq!(
        bin.link(),
        Some(PathBuf::from("kubectl-arc")),
        "by its name: it leads to the version of the day"
    );
    assert!(bin.call(INSTALL).stdout.ends_with(" is there already\n"));
    // krew upgrades: the plugin's link leads elsewhere, and a version later.
    fs::remove_file(bin.path("kubectl-arc")).unwrap();
    symlink(BINARY, bin.path("kubectl-arc")).unwrap();
    let asked = done(Command::new(&path).env_clear().args(["expl"]), "");
    assert!(asked.stdout.starts_with("explain\t") && asked.stdout.ends_with(":4\n"), "{}", asked.stdout);
    assert!(bin.call(UNINSTALL).stdout.ends_with(" removed\n"));
    assert_eq!(bin.link(), None);
    assert!(bin.call(UNINSTALL).stdout.ends_with(" is not there\n"));
}

#[test]
fn a_file_of_somebody_else_is_left_alone() {
    let bin = Bin::new();
    let path = bin.path("kubectl_complete-arc");
    fs::write(&path, "mine").unwrap();
    for arguments in [INSTALL, UNINSTALL] {
        let refused = bin.call(arguments);
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
        assert!(refused.stderr.contains("is there, and is no link to"), "{}", refused.stderr);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    fs::remove_file(&path).unwrap();
    symlink("/nonexistent", &path).unwrap();
    assert_eq!(bin.call(INSTALL).code, 2);
    assert_eq!(bin.link(), Some(PathBuf::from("/nonexistent")));
}

#[test]
fn nothing_is_written_unless_somebody_said_so() {
    let bin = Bin::new();
    let refused = bin.call(&["completion", "--install"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("hint: say --yes"), "{}", refused.stderr);
    for (answer, code, there) in [("n\r", 0, false), ("\u{1b}", 0, false), ("y\r", 0, true)] {
        let mut terminal = Terminal::start(&bin.command(&["completion", "--install"]), 200, 20);
        terminal.wait_for("Make this link?");
        assert!(
            terminal.screen().contains("kubectl_complete-arc will be a link to"),
            "{}",
            terminal.screen()
        );
        terminal.press(answer);
        assert_eq!(terminal.end(), code, "{}", terminal.screen());
        assert!(terminal.is_clean());
        assert_eq!(bin.link().is_some(), there, "{answer:?}");
    }
}

#[test]
fn a_place_where_kubectl_would_not_find_it_is_refused() {
    let bin = Bin::new();
    let mut elsewhere = bin.command(INSTALL);
    let refused = done(elsewhere.env("PATH", "/usr/bin:/bin"), "");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("is not on PATH"), "{}", refused.stderr);
    symlink(BINARY, bin.path("arc")).unwrap();
    let refused = done(Command::new(bin.path("arc")).env_clear().env("PATH", bin.search()).args(INSTALL), "");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("is no plugin of kubectl"), "{}", refused.stderr);
    let wrong = bin.call(&["completion"]);
    assert_eq!(wrong.code, 2);
    assert_eq!(bin.call(&["completion", "bash", "--install"]).code, 2);
}

#[test]
fn under_another_name_it_serves_that_one() {
    let bin = Bin::new();
    symlink(BINARY, bin.path("kubectl-arc_doctor")).unwrap();
    let mut command = Command::new(bin.path("kubectl-arc_doctor"));
    let created = done(command.env_clear().env("PATH", bin.search()).args(INSTALL), "");
    assert_eq!(created.code, 0, "{}", created.stderr);
    assert_eq!(
        fs::read_link(bin.path("kubectl_complete-arc_doctor")).unwrap(),
        Path::new("kubectl-arc_doctor")
    );
    let help = done(command.arg("--help"), "");
    assert!(help.stdout.contains("kubectl arc-doctor completion"), "{}", help.stdout);
}

/// The kubectl of the tests that play on a real control plane, or the tester's own.
fn kubectl() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let built = cache.map(|cache| cache.join("kubectl-arc-box").join("kubectl"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("kubectl"));
    built.into_iter().chain(found.collect::<Vec<_>>()).find(|file| file.is_file())
}

/// Without a kubectl it is only played on a real control plane, by tests/box.
#[test]
fn the_real_kubectl_gets_our_words() {
    let Some(kubectl) = kubectl() else { return };
    let bin = Bin::new();
    bin.call(INSTALL);
    let api = Api::of(World::of_file(example("helm-uninstall-secret-gone")));
    let ask = |words: &[&str]| {
        let mut command = api.command(kubectl.to_str().unwrap());
        done(command.env("PATH", bin.search()).args(["__complete", "arc"]).args(words), "")
    };
    let patiently = |words: &[&str], begins: &str| {
        let mut answers = (0..TRIES).map(|_| ask(words));
        let found = answers.find(|answer| answer.stdout.starts_with(begins));
        found.unwrap_or_else(|| panic!("nothing begins with {begins}: {:?}", ask(words)))
    };
    let first = patiently(&["why", "-n", "arc-release", ""], "release-ci\trunner set, deleting for ");
    assert!(first.stdout.ends_with("\n:36\n"), "{}", first.stdout);
    assert!(ask(&["un"]).stdout.starts_with("unblock\t"));
    assert!(ask(&["why", "--names"]).stdout.starts_with("--namespace\t"));
    patiently(&["why", "-n", "arc-rel"], "arc-release");
    assert!(ask(&["why", "-f", ""]).stdout.ends_with(":0\n"));
}

/// What bash makes of the script for the program itself.
#[test]
fn bash_completes_the_program_by_its_own_name() {
    let bin = Bin::new();
    let api = Api::of(World::of_file(example("helm-uninstall-secret-gone")));
    let complete = |words: &str| {
        let line = format!(
            "source <(kubectl-arc completion bash); COMP_WORDS=(kubectl-arc {words}); COMP_TYPE=9;
             COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _clap_complete_kubectl_arc kubectl-arc \"${{COMP_WORDS[COMP_CWORD]}}\";
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let mut command = api.command("bash");
        let done = done(command.env("PATH", bin.search()).args(["--norc", "-c", &line]), "");
        assert_eq!(done.stderr, "", "{words}");
        done.stdout.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let found = (0..TRIES).any(|_| complete("why -n arc-release rel") == ["release-ci"]);
    assert!(found, "{:?}", complete("why -n arc-release rel"));
    assert_eq!(complete("why --cont"), ["--context"]);
    assert!(complete("why -n arc-release ''").contains(&"autoscalingrunnersets".to_owned()));
    assert_eq!(complete("why -f ''"), [] as [&str; 0], "bash knows its files");
    let script = bin.call(&["completion", "bash"]).stdout;
    assert_eq!(script.matches("complete -o nospace -o bashdefault -o default ").count(), 2, "{script}");
}

/// What a script sets for its own question may stand in the environment by mistake.
#[test]
fn without_a_question_the_variable_of_the_scripts_changes_nothing() {
    for (shell, words) in [("bash", &["version"][..]), ("tcsh", &["version"]), ("tcsh", &["--", "version"])] {
        let mut command = Command::new(BINARY);
        let done = done(command.env_clear().env("KUBECTL_ARC_COMPLETE", shell).args(words), "");
        assert_ne!((done.code, done.stdout + &done.stderr), (0, String::new()), "{shell} {words:?}");
    }
}

#[test]
fn there_is_a_script_for_each_shell() {
    let bin = Bin::new();
    for (shell, says) in
        [("zsh", "compdef"), ("fish", "complete --keep-order"), ("powershell", "Register-ArgumentCompleter")]
    {
        let script = bin.call(&["completion", shell]);
        assert!(script.stdout.contains(says) && script.stdout.contains("kubectl-arc"), "{}", script.stdout);
    }
}

#[test]
fn a_script_is_for_the_program_under_its_whole_name() {
    let bin = Bin::new();
    symlink(BINARY, bin.path("arc.2")).unwrap();
    let mut command = Command::new(bin.path("arc.2"));
    let script = done(command.env_clear().args(["completion", "zsh"]), "").stdout;
    assert!(script.starts_with("#compdef arc.2\n"), "{script}");
}
