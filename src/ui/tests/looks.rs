//! What is seen: narrow terminals, wide and hostile text, colours, the line of the wait.

use super::asking;
use super::end;
use super::on_terminal;
use super::pty::DOWN;
use super::pty::ENTER;
use super::pty::SPACE;
use super::pty::Terminal;
use super::pty::UP;

pub const LONG_QUESTION: &str = "Which of these steps, of which some are long, are to be done?";

pub const LONG_LINES: [&str; 3] = [
    "first: take the finalizer off the EphemeralRunner arc-tools/tools-x7k2p-runner-9qz4d",
    "second: 日本語日本語日本語日本語日本語日本語日本語",
    "third: short",
];

#[test]
fn long_lines_are_cut_and_leave_nothing_behind() {
    let mut terminal = on_terminal("long", 40, 24);
    terminal.wait_for("> [x] first");
    for (key, seen) in [
        (DOWN, "> [ ] second"),
        (SPACE, "> [x] second"),
        (DOWN, "> [ ] third"),
        (UP, "> [x] second"),
        (UP, "> [x] first"),
        (UP, "> [ ] third"),
    ] {
        terminal.press(key);
        terminal.wait_for(seen);
        let screen = terminal.screen();
        for once in ["first:", "second:", "third:", "Which of these", "Arrows"] {
            assert_eq!(screen.matches(once).count(), 1, "{once}\n{screen}");
        }
    }
    insta::assert_snapshot!(terminal.screen().trim_start(), @r"
    running 1 test
    Which of these steps, of which some are
    long, are to be done?
    Arrows move, Space chooses, Enter goes
    on, Esc leaves.
      [x] first: take the finalizer off th…
      [x] second: 日本語日本語日本語日本語…
    > [ ] third: short
    ");
    terminal.press(ENTER);
    assert_eq!(end(&mut terminal), "[0, 1]");
}

#[test]
fn a_window_made_smaller_is_minded_at_the_next_key() {
    let mut terminal = on_terminal("long", 80, 24);
    terminal.wait_for("> [x] first");
    terminal.resize(40, 3);
    terminal.press(DOWN);
    terminal.wait_for("2 of 3");
    terminal.resize(80, 24);
    terminal.press(DOWN);
    terminal.wait_for("> [ ] third");
    terminal.press(ENTER);
    assert_eq!(end(&mut terminal), "[0]");
}

/// The name's end is what was typed last, so that is what is seen of it.
#[test]
fn a_long_answer_stays_in_its_line() {
    let mut terminal = on_terminal("consent", 40, 24);
    terminal.wait_for("agree:");
    let name = "a-name-that-is-longer-than-the-terminal-is-wide";
    terminal.press(name);
    terminal.wait_for("is-wide");
    let screen = terminal.screen();
    assert_eq!(screen.matches("agree:").count(), 1, "{screen}");
    assert!(screen.lines().all(|line| line.len() < 40) && !screen.contains("a-name"), "{screen}");
    terminal.press(ENTER);
    terminal.wait_for("means no.");
    terminal.press("runner-x\r");
    assert_eq!(end(&mut terminal), "true");
}

#[test]
fn hostile_text_is_seen_and_not_obeyed() {
    for (scene, seen) in [
        ("hostile", &["Which\\u{1b}[2J?", "a\\u{1b}]0;owned\\u{7}b\\r\\nc", "d\\u{202e}e"] as &[&str]),
        ("hostile-confirm", &["Patch a\\u{1b}[2Jb\\n?"]),
        ("hostile-consent", &["The job is lost. Type x\\u{1b}[2J to agree"]),
    ] {
        let mut terminal = on_terminal(scene, 80, 24);
        for text in seen {
            terminal.wait_for(text);
        }
        let written = terminal.written();
        for hostile in ["\u{1b}[2J", "\u{1b}]0", "\u{202e}", "\u{7}"] {
            assert!(!written.contains(hostile), "{written:?}");
        }
        terminal.press(ENTER);
        end(&mut terminal);
    }
}

/// A colour is an escape sequence that ends in `m`.
fn has_colours(written: &str) -> bool {
    written.split('\u{1b}').skip(1).any(|rest| {
        rest.trim_start_matches(|c: char| c == '[' || c == ';' || c.is_ascii_digit()).starts_with('m')
    })
}

#[test]
fn colours_are_those_of_stderr() {
    for (name, value, colours) in
        [("X", "", true), ("NO_COLOR", "1", false), ("CLICOLOR", "0", false), ("CLICOLOR_FORCE", "1", true)]
    {
        for scene in ["choose", "confirm", "progress"] {
            let mut terminal = Terminal::start(asking(scene).env(name, value), 80, 24);
            terminal.wait_for("?");
            terminal.press(ENTER);
            end(&mut terminal);
            assert_eq!(has_colours(&terminal.written()), colours, "{name} {scene}");
        }
    }
}

#[test]
fn without_utf_8_nothing_is_drawn_that_ascii_has_not() {
    let mut terminal = Terminal::start(asking("long").env("LANG", "C"), 40, 24);
    terminal.wait_for("> [x] first: take the finalizer off ...");
    terminal.press(ENTER);
    assert_eq!(end(&mut terminal), "[0]");
}

#[test]
fn the_line_of_the_wait_is_written_over_and_goes_when_something_is_said() {
    let mut terminal = on_terminal("progress", 40, 24);
    terminal.wait_for("Go on?");
    let written = terminal.written();
    for text in ["waiting for runner-a, which is named a…", "waiting for b", "waiting for c"] {
        assert!(written.contains(text), "{text} in {written:?}");
    }
    let screen = terminal.screen();
    assert!(!screen.contains("waiting") && screen.contains("warning: it takes long\nGo on?"), "{screen}");
    terminal.press(ENTER);
    assert_eq!(end(&mut terminal), "false");
}

#[test]
fn text_for_stderr_is_as_wide_as_its_terminal() {
    let mut terminal = on_terminal("columns", 57, 24);
    assert_eq!(end(&mut terminal), "57");
}
