//! Keys that answer.

use super::end;
use super::on_terminal;
use super::pty::BACKSPACE;
use super::pty::CTRL_U;
use super::pty::DOWN;
use super::pty::END;
use super::pty::ENTER;
use super::pty::SPACE;
use super::pty::UP;

#[test]
fn what_is_preselected_is_chosen_unless_the_keys_say_otherwise() {
    let mut terminal = on_terminal("choose", 80, 24);
    terminal.wait_for("> [x] restore the Role");
    assert!(terminal.is_cursor_hidden());
    terminal.press(ENTER);
    assert_eq!(end(&mut terminal), "[0]");

    let mut terminal = on_terminal("choose", 80, 24);
    terminal.wait_for("> [x] restore the Role");
    terminal.press(SPACE);
    terminal.wait_for("> [ ] restore the Role");
    for (keys, seen) in [(DOWN, "> [ ] strip it"), (UP, "> [ ] restore"), (UP, "> [ ] delete it")] {
        terminal.press(keys);
        terminal.wait_for(seen);
    }
    terminal.press(SPACE);
    terminal.wait_for("> [x] delete it");
    terminal.press(ENTER);
    assert_eq!(end(&mut terminal), "[2]");
    let left = "Which steps?\n  [x] delete it\nsaid: [2]\n";
    assert!(terminal.screen().contains(left), "{}", terminal.screen());
}

#[test]
fn keys_that_come_all_at_once_count_each() {
    let mut terminal = on_terminal("choose", 80, 24);
    terminal.wait_for("> [x] restore the Role");
    terminal.press(&[DOWN, SPACE, DOWN, SPACE, DOWN, SPACE, ENTER].concat());
    assert_eq!(end(&mut terminal), "[1, 2]");
}

#[test]
fn nothing_to_choose_from_is_no_question() {
    let mut terminal = on_terminal("none", 80, 24);
    assert_eq!(end(&mut terminal), "[]");
}

#[test]
fn more_lines_than_the_terminal_has_are_walked_through() {
    let mut terminal = on_terminal("many", 80, 10);
    terminal.wait_for("1 of 20");
    assert!(terminal.screen().contains("Which steps?"), "{}", terminal.screen());
    terminal.press(END);
    terminal.wait_for("> [ ] step 20.");
    assert!(terminal.screen().contains("Which steps?") && terminal.screen().contains("20 of 20"));
    terminal.press(SPACE);
    terminal.wait_for("> [x] step 20.");
    terminal.press(DOWN);
    terminal.wait_for("> [x] step 1.");
    terminal.press(ENTER);
    assert_eq!(end(&mut terminal), "[0, 19]");
}

#[test]
fn yes_is_typed_and_everything_else_is_no_or_asked_again() {
    for (keys, answer) in [("y\r", "true"), ("YES\r", "true"), ("\r", "false"), ("n\r", "false")] {
        let mut terminal = on_terminal("confirm", 80, 24);
        terminal.wait_for("Apply 3 steps? [y/N]");
        assert!(!terminal.is_cursor_hidden());
        terminal.press(keys);
        assert_eq!(end(&mut terminal), answer, "{keys:?}");
        let word = if answer == "true" { "yes" } else { "no" };
        assert!(terminal.screen().contains(&format!("Apply 3 steps? [y/N] {word}\n")));
    }
    let mut terminal = on_terminal("confirm", 80, 24);
    terminal.wait_for("[y/N]");
    terminal.press("yep\r");
    terminal.wait_for("Please answer y or n.");
    terminal.press(&["x", BACKSPACE, "y", ENTER].concat());
    assert_eq!(end(&mut terminal), "true");
}

#[test]
fn the_name_alone_is_consent() {
    let question = "The job in it is lost. Type runner-x to agree:";
    for (keys, answer) in [
        ("runner-x\r", "true"),
        (" runner-x \r", "true"),
        ("\r", "false"),
        (&["yes", CTRL_U, "runner-y", BACKSPACE, "x", ENTER].concat(), "true"),
    ] {
        let mut terminal = on_terminal("consent", 80, 24);
        terminal.wait_for(question);
        terminal.press(keys);
        assert_eq!(end(&mut terminal), answer, "{keys:?}");
    }
    let mut terminal = on_terminal("consent", 80, 24);
    for (wrong, note) in
        [("y", "y is not its name."), ("Runner-x", "Runner-x is not"), ("runner", "[the third is the last]")]
    {
        terminal.wait_for(question);
        terminal.press(&format!("{wrong}\r"));
        if !note.starts_with('[') {
            terminal.wait_for(note);
        }
    }
    assert_eq!(end(&mut terminal), "false");
}

/// A stray Enter, or a second `y`, answers nothing that was not yet asked.
#[test]
fn what_was_typed_before_a_question_is_no_answer() {
    let mut terminal = on_terminal("two", 80, 24);
    terminal.wait_for("First?");
    terminal.press("y\ry\r");
    terminal.wait_for("Second?");
    terminal.press("n\r");
    assert_eq!(end(&mut terminal), "true, false");
}
