//! The program under other names: what it says to type can be typed.

use crate::run::BINARY;
use crate::run::Done;
use crate::run::done;
use crate::run::example;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The binary as somebody calls it who calls it so.
fn called(name: &OsStr, arguments: &[&str]) -> Done {
    let mut command = Command::new(BINARY);
    command.arg0(name).env_clear().env("HOME", "/nonexistent").args(arguments);
    done(&mut command, "")
}

/// Where the program tells what to type: on both streams, in help and in errors.
fn all_it_says(name: &OsStr) -> String {
    let file = example("helm-uninstall-secret-gone");
    let calls: &[&[&str]] = &[
        &["--help"],
        &["why", "--help"],
        &["unblock", "--help"],
        &["explain", "--help"],
        &["snapshot", "--help"],
        &["nonsense"],
        &["why", "--nonsense"],
        &["explain"],
        &["explain", "nonsense"],
        &["why", "-f", &file],
        &["why", "-f", "/dev/null"],
        &["unblock", "--undo", "/dev/null", "-f", &file],
        &["unblock", "--plan", &file],
        &[],
    ];
    let said = calls.iter().map(|arguments| called(name, arguments));
    said.map(|done| format!("{}{}", done.stdout, done.stderr)).collect()
}

#[test]
fn every_hint_says_the_name_that_it_was_called_by() {
    let usual = all_it_says(OsStr::new("/somewhere/kubectl-arc"));
    for hint in
        ["Usage: kubectl arc why", "kubectl arc explain secret-missing", "kubectl arc snapshot writes"]
    {
        assert!(usual.contains(hint), "{hint}: {usual}");
    }
    let names =
        [("kubectl-arc_doctor", "kubectl arc-doctor"), ("/x/arc", "arc"), ("kubectl-arc.exe", "kubectl arc")];
    for (file, name) in names {
        let other = all_it_says(OsStr::new(file));
        assert_eq!(
            other.matches(&format!("{name} explain")).count(),
            usual.matches("kubectl arc explain").count()
        );
        assert!(name == "kubectl arc" || !other.contains("kubectl arc "), "{file}: {other}");
        assert!(other.contains(&format!("Usage: {name} why")), "{file}: {other}");
    }
}

#[test]
fn a_name_that_cannot_be_typed_does_no_harm() {
    let usual = all_it_says(OsStr::new("kubectl-arc"));
    for name in [&b""[..], b"/", b"a\x1b[2Jb", b"a\nb", b"\xff\xfe", b"kubectl-", b"$(reboot)", &[b'a'; 4096]]
    {
        assert_eq!(all_it_says(OsStr::from_bytes(name)), usual, "{name:?}");
    }
}
