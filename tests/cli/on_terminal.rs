//! What a person sees who calls the binary on a terminal.

use crate::pty::Terminal;
use crate::run::BINARY;
use crate::run::example;
use std::path::Path;
use std::process::Command;

fn why(extra: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.env("HOME", "/nonexistent").args(["why", "-f", &example("rbac-role-gone"), "-n", "arc-tools"]);
    command.args(extra);
    command
}

#[test]
fn an_answer_is_as_wide_as_the_terminal_and_coloured_unless_the_user_says_otherwise() {
    for columns in [60, 100] {
        let mut terminal = Terminal::start(&why(&[]), columns, 200);
        assert_eq!(terminal.end(), 1, "{}", terminal.screen());
        assert!(terminal.is_clean() && terminal.written().contains("\u{1b}["), "{}", terminal.screen());
        let plain = Command::new(BINARY)
            .env_clear()
            .env("COLUMNS", columns.to_string())
            .args(why(&[]).get_args())
            .output()
            .unwrap();
        let plain = String::from_utf8(plain.stdout).unwrap();
        let wrapped = |line: &&str| line.chars().count() <= usize::from(columns);
        let seen = terminal.screen();
        for line in plain.lines().filter(wrapped) {
            assert!(seen.lines().any(|seen| seen == line.trim_end()), "{line}\nis not in\n{seen}");
        }
    }
    for (extra, name, value) in [(&["--color", "never"] as &[&str], "X", ""), (&[], "NO_COLOR", "1")] {
        let mut terminal = Terminal::start(why(extra).env(name, value), 80, 200);
        assert_eq!(terminal.end(), 1);
        assert!(!terminal.written().contains('\u{1b}'), "{}", terminal.written());
    }
}

#[test]
fn the_picture_in_the_readme_is_what_a_person_sees() {
    let mut command = Command::new(BINARY);
    let asked = ["-n", "arc-release", "release-ci"];
    command
        .env("HOME", "/nonexistent")
        .args(["why", "-f", &example("helm-uninstall-secret-gone")])
        .args(asked);
    let mut terminal = Terminal::start(&command, 104, 100);
    assert_eq!(terminal.end(), 1, "{}", terminal.screen());
    let typed = format!("kubectl arc why -f examples/helm-uninstall-secret-gone.yaml {}", asked.join(" "));
    let picture = terminal.recording(&typed).picture();
    assert!(picture.contains("secret-missing"), "{picture}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images/why.svg");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &picture).unwrap();
    }
    let file = std::fs::read_to_string(path).unwrap_or_default();
    assert!(file == picture, "docs/images/why.svg is stale: UPDATE_DOCS=1 cargo test --test cli picture");
}
