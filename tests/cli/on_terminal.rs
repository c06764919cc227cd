//! What a person sees who calls the binary on a terminal.

use crate::pty::Terminal;
use crate::run::BINARY;
use crate::run::example;
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
