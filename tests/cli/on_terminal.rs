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

/// What is set, what is typed, and whether there are colours on a terminal and elsewhere.
type Case = (&'static [(&'static str, &'static str)], &'static [&'static str], bool, bool);

const COLOURS: &[Case] = &[
    (&[], &[], true, false),
    (&[("NO_COLOR", "1")], &[], false, false),
    (&[("NO_COLOR", "")], &[], true, false),
    (&[("CLICOLOR_FORCE", "1")], &[], true, true),
    (&[("CLICOLOR_FORCE", "0")], &[], true, false),
    (&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], &[], false, false),
    (&[("CLICOLOR", "0")], &[], false, false),
    (&[("TERM", "dumb")], &[], false, false),
    (&[("NO_COLOR", "1")], &["--color", "always"], true, true),
    (&[("CLICOLOR_FORCE", "1")], &["--color", "never"], false, false),
];

/// Runs it with one of its streams in a file and the other on the terminal; what is in the file, and on the terminal.
fn parted(command: &Command, stream: &str, variables: &[(&str, &str)]) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!(r#"exec "$0" "$@" {stream}>"$FILE""#)]);
    shell.arg(command.get_program()).args(command.get_args());
    shell.env("FILE", &file).env("HOME", "/nonexistent").envs(variables.iter().copied());
    let mut terminal = Terminal::start(&shell, 100, 200);
    terminal.end();
    (std::fs::read_to_string(file).expect("the file"), terminal.written())
}

#[test]
fn each_stream_has_the_colours_that_suit_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let odd = folder.path().join("odd.yaml");
    let text = std::fs::read_to_string(example("rbac-role-gone")).expect("the example");
    std::fs::write(&odd, format!("{text}---\nkind: Widget\nmetadata: {name}\n", name = "{name: x}"))
        .expect("a file");
    for (variables, flags, on_terminal, elsewhere) in COLOURS {
        let mut command = Command::new(BINARY);
        // There is something to say on stderr, too.
        command.arg("why").arg("-f").arg(&odd).args(["-n", "arc-tools"]).args(*flags);
        for stream in ["1", "2"] {
            let (file, screen) = parted(&command, stream, variables);
            let (answer, talk) = if stream == "1" { (&file, &screen) } else { (&screen, &file) };
            assert!(answer.contains("Blocked") && talk.contains("warning"), "{answer}{talk}");
            let seen = (screen.contains('\u{1b}'), file.contains('\u{1b}'));
            assert_eq!(seen, (*on_terminal, *elsewhere), "{variables:?} {flags:?} {stream}");
        }
    }
}

/// These come from clap, which looks at the same variables, but takes any CLICOLOR_FORCE for one; a flag of a line that
/// cannot be read says nothing.
#[test]
fn errors_of_usage_have_the_colours_of_all_others() {
    for (variables, _, on_terminal, elsewhere) in COLOURS
        .iter()
        .filter(|(variables, flags, _, _)| flags.is_empty() && *variables != [("CLICOLOR_FORCE", "0")])
    {
        let mut command = Command::new(BINARY);
        command.args(["why", "--nope"]);
        let (_, screen) = parted(&command, "1", variables);
        let (file, _) = parted(&command, "2", variables);
        assert!(screen.contains("--nope") && file.contains("--nope"), "{screen}{file}");
        let seen = (screen.contains('\u{1b}'), file.contains('\u{1b}'));
        assert_eq!(seen, (*on_terminal, *elsewhere), "{variables:?}");
    }
}

#[test]
fn help_and_wrong_words_have_the_colours_that_the_flag_says() {
    let told = |words: &[&str]| {
        let mut command = Command::new(BINARY);
        let mut terminal = Terminal::start(command.env("HOME", "/nonexistent").args(words), 100, 200);
        terminal.end();
        terminal.written()
    };
    for words in [&["why", "--nonsense"][..], &["why", "--help"]] {
        assert!(told(words).contains("\u{1b}["), "{words:?}");
        for never in [&["--color=never"][..], &["--color", "never"], &["--color=always", "--color=never"]] {
            let plain = told(&[&words[..1], never, &words[1..]].concat());
            assert!(!plain.contains('\u{1b}'), "{never:?} {words:?}: {plain}");
        }
    }
}
