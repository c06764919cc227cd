//! The questions on a real terminal, answered by keys.
//!
//! The tests' binary starts itself a second time, on a terminal: [`the_side_that_asks`] is what runs there.

#![cfg(unix)]

#[path = "../../../tests/pty/mod.rs"]
mod pty;

mod answers;
mod leaving;
mod looks;

use super::Asked;
use super::Choice;
use super::Color;
use super::Ui;
use pty::Terminal;
use std::process::Command;

/// Names what is asked to the side that asks.
const SCENE: &str = "KUBECTL_ARC_TEST_SCENE";

/// What the side that asks says at its end: a terminal that is not clean would not show it in a line of its own.
const SAID: &str = "said: ";

fn choices(lines: &[&str]) -> Vec<Choice> {
    let numbered = lines.iter().enumerate();
    numbered.map(|(number, line)| Choice { line: (*line).to_owned(), on: number == 0 }).collect()
}

#[test]
#[ignore = "the others start it on a terminal of its own"]
fn the_side_that_asks() {
    let scene = std::env::var(SCENE).expect("a scene");
    let mut ui = Ui::new(Color::Auto);
    let said = match scene.as_str() {
        "choose" => said(ui.choose("Which steps?", &choices(&["restore the Role", "strip it", "delete it"]))),
        "none" => said(ui.choose("Which steps?", &[])),
        "many" => {
            let lines: Vec<String> = (1..=20).map(|number| format!("step {number}.")).collect();
            said(ui.choose("Which steps?", &choices(&lines.iter().map(String::as_str).collect::<Vec<_>>())))
        }
        "long" => said(ui.choose(looks::LONG_QUESTION, &choices(&looks::LONG_LINES))),
        "hostile" => {
            said(ui.choose("Which\u{1b}[2J?", &choices(&["a\u{1b}]0;owned\u{7}b\r\nc", "d\u{202e}e"])))
        }
        "confirm" => said(ui.confirm("Apply 3 steps?")),
        "hostile-confirm" => said(ui.confirm("Patch a\u{1b}[2Jb\n?")),
        "consent" => said(ui.consent("The job in it is lost.", "runner-x")),
        "hostile-consent" => said(ui.consent("The job is lost", "x\u{1b}[2J")),
        "two" => {
            let first = said(ui.confirm("First?"));
            std::thread::sleep(std::time::Duration::from_millis(300));
            format!("{first}, {}", said(ui.confirm("Second?")))
        }
        "progress" => {
            for line in ["waiting for runner-a, which is named at length", "waiting for b", "waiting for b"] {
                ui.progress(line);
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            ui.warn("it takes long");
            ui.progress("waiting for c");
            said(ui.confirm("Go on?"))
        }
        "columns" => format!("{}", ui.style_of_stderr().width),
        _ => panic!("there is no scene {scene}"),
    };
    drop(ui);
    println!("{SAID}{said}");
}

fn said<T: std::fmt::Debug>(asked: Asked<T>) -> String {
    match asked {
        Asked::Answer(answer) => format!("{answer:?}"),
        Asked::Left => "left".to_owned(),
    }
}

/// The side that asks, not yet started.
fn asking(scene: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the tests are a program"));
    command.args(["ui::tests::the_side_that_asks", "--exact", "--ignored", "--nocapture", "--quiet"]);
    command.env(SCENE, scene);
    command
}

fn on_terminal(scene: &str, columns: u16, rows: u16) -> Terminal {
    Terminal::start(&asking(scene), columns, rows)
}

/// What was said at the end, on a terminal that was left as it had been found.
fn end(terminal: &mut Terminal) -> String {
    assert_eq!(terminal.end(), 0, "{}", terminal.screen());
    assert!(terminal.is_clean(), "{}", terminal.screen());
    let screen = terminal.screen();
    let line = screen.lines().find_map(|line| line.strip_prefix(SAID));
    line.unwrap_or_else(|| panic!("nothing was said in a line of its own:\n{screen}")).to_owned()
}
