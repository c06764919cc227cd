//! A person at a terminal, who wants certain steps and says yes.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::Outcome;
use crate::pty::DOWN;
use crate::pty::ENTER;
use crate::pty::SPACE;
use crate::pty::Terminal;

const CHOOSE: &str = "What is to be done?";
const CONSENT: &str = " to agree";
const CONFIRM: &str = "Make these changes? [y/N]";
/// How long a person looks before a key, if somebody watches.
const THINKING: Duration = Duration::from_millis(900);
/// Longer than unblocking may take.
const LIMIT: Duration = Duration::from_secs(660);

/// What was seen, and the exit code.
pub struct Seen {
    pub written: String,
    pub code: i32,
}

/// Chooses the ways out with these ids, types the names that are asked for, agrees, and waits for the end. With a
/// picture's name as slowly as a person, and what was seen becomes that film.
pub fn unblock(command: &Command, typed: &str, steps: &[String], film: Option<&str>) -> Outcome<Seen> {
    let film = film.filter(|_| std::env::var_os("UPDATE_DOCS").is_some());
    let mut terminal = Terminal::start(command, if film.is_some() { 104 } else { 110 }, 400);
    let seen = drive(&mut terminal, steps, if film.is_some() { THINKING } else { Duration::ZERO })?;
    if let Some(name) = film {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images").join(format!("{name}.svg"));
        let film = terminal.recording(typed).film();
        std::fs::write(&path, film).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(seen)
}

fn drive(terminal: &mut Terminal, steps: &[String], thinking: Duration) -> Outcome<Seen> {
    if steps.is_empty() {
        return end(terminal);
    }
    terminal.wait_for(CHOOSE);
    let listed = |screen: &str| -> Vec<String> {
        let is_choice = |line: &&str| line.contains("[x] ") || line.contains("[ ] ");
        screen.lines().filter(is_choice).map(str::to_owned).collect()
    };
    terminal.wait_until("there is something to choose", |screen| !listed(screen).is_empty());
    thread::sleep(thinking * 2);
    for line in listed(&terminal.screen()) {
        let wanted = steps.iter().any(|step| line.contains(&format!("] {step} (")));
        if wanted != line.contains("[x] ") {
            terminal.press(SPACE);
            thread::sleep(thinking);
        }
        terminal.press(DOWN);
        thread::sleep(thinking);
    }
    terminal.press(ENTER);
    let mut typed = String::new();
    loop {
        let is_new = |asked: Option<String>| asked.is_some_and(|asked| asked != typed);
        let is_next = |screen: &str| screen.contains(CONFIRM) || is_new(asked_for(screen));
        terminal.wait_until("a question comes", is_next);
        let screen = terminal.screen();
        if screen.contains(CONFIRM) {
            break;
        }
        typed = asked_for(&screen).unwrap_or_default();
        thread::sleep(thinking * 2);
        for letter in name_in(&typed).chars() {
            terminal.press(&letter.to_string());
            thread::sleep(thinking / 8);
        }
        thread::sleep(thinking);
        terminal.press(ENTER);
    }
    thread::sleep(thinking * 2);
    terminal.press("y\r");
    end(terminal)
}

/// The last question for consent.
fn asked_for(screen: &str) -> Option<String> {
    let (before, _) = screen.rsplit_once(CONSENT)?;
    before.rsplit_once("Type").map(|(place, name)| format!("{}|{name}", place.len()))
}

/// Its name, which may be broken over lines.
fn name_in(asked: &str) -> String {
    asked.split_once('|').map_or("", |(_, name)| name).split_whitespace().collect()
}

fn end(terminal: &mut Terminal) -> Outcome<Seen> {
    let late = Instant::now() + LIMIT;
    while !terminal.has_ended() {
        if Instant::now() > late {
            return Err(format!("unblock does not end:\n{}", terminal.screen()));
        }
        thread::sleep(Duration::from_millis(200));
    }
    let code = terminal.end();
    if !terminal.is_clean() {
        return Err(format!("the terminal is left unclean:\n{}", terminal.screen()));
    }
    Ok(Seen { written: terminal.screen(), code })
}
