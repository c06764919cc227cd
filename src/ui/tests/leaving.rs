//! Ways to leave a question.

use super::asking;
use super::end;
use super::on_terminal;
use super::pty::CTRL_C;
use super::pty::CTRL_D;
use super::pty::ESC;
use super::pty::Terminal;
use std::process::Command;
use std::process::Stdio;

/// Each question, and what is seen of it.
const QUESTIONS: [(&str, &str); 3] =
    [("choose", "> [x] restore the Role"), ("confirm", "Apply 3 steps? [y/N]"), ("consent", "to agree:")];

#[test]
fn every_question_is_left_with_escape_ctrl_c_and_ctrl_d() {
    for (scene, seen) in QUESTIONS {
        for key in [ESC, CTRL_C, CTRL_D] {
            let mut terminal = on_terminal(scene, 80, 24);
            terminal.wait_for(seen);
            assert!(!terminal.reads_lines());
            terminal.press(key);
            assert_eq!(end(&mut terminal), "left", "{scene} {key:?}");
        }
    }
}

#[test]
fn a_half_typed_name_is_left_as_well() {
    for key in [ESC, CTRL_C, CTRL_D] {
        let mut terminal = on_terminal("consent", 80, 24);
        terminal.wait_for("to agree:");
        terminal.press("runner");
        terminal.wait_for("to agree: runner");
        terminal.press(key);
        assert_eq!(end(&mut terminal), "left", "{key:?}");
    }
}

/// On a terminal, but with stdin or stderr elsewhere, or where nobody sits before it.
#[test]
fn where_nobody_can_answer_nobody_is_asked() {
    let plain = asking("");
    let arguments = plain.get_args().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join(" ");
    let program = plain.get_program().to_str().unwrap();
    for (scene, _) in QUESTIONS {
        for around in ["</dev/null", "<&-", "2>/dev/null", "2>&1 | cat"] {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", &format!("'{program}' {arguments} {around}")]).env(super::SCENE, scene);
            let mut terminal = Terminal::start(&shell, 80, 24);
            assert_eq!(end(&mut terminal), "left", "{scene} {around}");
            assert!(!terminal.written().contains('?'), "{}", terminal.written());
        }
        for (name, value) in [("TERM", "dumb"), ("CI", "true")] {
            let mut terminal = Terminal::start(asking(scene).env(name, value), 80, 24);
            assert_eq!(end(&mut terminal), "left", "{scene} {name}");
            assert!(!terminal.written().contains('?'), "{}", terminal.written());
        }
    }
}

#[test]
fn without_a_terminal_nothing_is_asked_and_the_wait_is_told_in_plain_lines() {
    let piped = |scene: &str| {
        let output = asking(scene).env_remove("CI").stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(piped("choose"), "");
    assert_eq!(
        piped("progress"),
        "waiting for runner-a, which is named at length\nwaiting for b\nwarning: it takes long\nwaiting for c\n"
    );
}
