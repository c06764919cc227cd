//! Questions to the person at the terminal.
//!
//! dialoguer gives the looks and, through `console`, the keys. Its own prompts are not used: they do not know Ctrl-D,
//! its text prompt cannot be left with Esc, Ctrl-C is a signal that kills with the cursor hidden, and lines wider
//! than the terminal leave ghosts.

use super::Ui;
use super::field::Field;
use super::menu::Menu;
use super::menu::Room;
use super::screen::Screen;
use dialoguer::theme::SimpleTheme;
use dialoguer::theme::Theme;
use std::io;

/// One of the lines to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Cut to the width of the terminal, so what matters stands first.
    pub line: String,
    /// Whether it is chosen unless the user says otherwise.
    pub on: bool,
}

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<T> {
    Answer(T),
    /// Esc, Ctrl-C, Ctrl-D, the end of the input, or nobody to ask: nothing is to happen.
    Left,
}

/// How often a name may be typed wrong before that means no.
const TRIES: usize = 3;

/// Each question waits for its answer, and nothing else runs meanwhile. It leaves the terminal as it was.
///
/// Ctrl-C at a question is a key like others and not a signal. A signal from elsewhere would still kill the process in
/// the middle of a question, with the cursor hidden and keys unseen. So whoever asks installs listeners first, for
/// SIGINT, SIGTERM and SIGHUP (`tokio::signal`), which also stop the work between two questions: then such a signal ends
/// the question with [`Asked::Left`], and the listener tells which it was.
impl Ui {
    /// True if there is somebody to ask: stdin and stderr are terminals that can do more than print, and no CI runs
    /// this. Where it is false, every question is left at once and nothing is written.
    pub fn can_ask(&self) -> bool {
        self.surroundings.can_ask()
    }

    /// Which of these? The answer holds their numbers, in order.
    pub fn choose(&mut self, question: &str, choices: &[Choice]) -> Asked<Vec<usize>> {
        if choices.is_empty() {
            return Asked::Answer(Vec::new());
        }
        let ascii = self.style_of_stderr().ascii;
        self.ask(|screen| {
            let mut menu = Menu::new(question, choices);
            screen.hide_cursor()?;
            loop {
                let room = Room { rows: screen.rows(), columns: screen.columns(), ascii };
                screen.draw(&menu.asked(room))?;
                let Some(key) = screen.key() else { return Ok(Asked::Left) };
                if menu.press(&key) {
                    screen.draw(&menu.answered(room))?;
                    return Ok(Asked::Answer(menu.chosen()));
                }
            }
        })
    }

    /// Yes or no? Enter alone is no.
    pub fn confirm(&mut self, question: &str) -> Asked<bool> {
        let mut words = String::new();
        // Writing to a String does not fail.
        let _ = SimpleTheme.format_confirm_prompt(&mut words, question, Some(false));
        self.ask(|screen| {
            let mut field = Field::new(words);
            loop {
                let Asked::Answer(typed) = fill(screen, &mut field)? else { return Ok(Asked::Left) };
                let answer = match typed.to_ascii_lowercase().as_str() {
                    "y" | "yes" => true,
                    "" | "n" | "no" => false,
                    _ => {
                        field.note = Some("Please answer y or n.".to_owned());
                        continue;
                    }
                };
                field.note = None;
                field.typed = if answer { "yes" } else { "no" }.to_owned();
                screen.draw(&field.seen(screen.columns()))?;
                return Ok(Asked::Answer(answer));
            }
        })
    }

    /// Consent to a loss by typing the object's name. Enter alone is no; a wrong name is asked for again, twice.
    ///
    /// The statement says what will be lost, as a sentence; its full stop may be left out.
    pub fn consent(&mut self, statement: &str, name: &str) -> Asked<bool> {
        let stop = if statement.ends_with(['.', '!', '?']) { "" } else { "." };
        let asked = format!("{statement}{stop} Type {name} to agree");
        let mut words = String::new();
        // Writing to a String does not fail.
        let _ = SimpleTheme.format_input_prompt(&mut words, &asked, None);
        self.ask(|screen| {
            let mut field = Field::new(words);
            for _ in 0..TRIES {
                let Asked::Answer(typed) = fill(screen, &mut field)? else { return Ok(Asked::Left) };
                if typed.is_empty() || typed == name {
                    return Ok(Asked::Answer(!typed.is_empty()));
                }
                field.note = Some(format!("{typed} is not its name. Enter alone means no."));
            }
            Ok(Asked::Answer(false))
        })
    }

    fn ask<T>(&mut self, question: impl FnOnce(&mut Screen) -> io::Result<Asked<T>>) -> Asked<T> {
        if !self.can_ask() {
            return Asked::Left;
        }
        self.end_progress();
        // A terminal that cannot be written to or read from has nobody before it.
        Screen::open(self.err_colors).and_then(|mut screen| question(&mut screen)).unwrap_or(Asked::Left)
    }
}

/// What is typed until Enter, without blanks around it.
fn fill(screen: &mut Screen, field: &mut Field) -> io::Result<Asked<String>> {
    field.typed.clear();
    loop {
        screen.draw(&field.seen(screen.columns()))?;
        let Some(key) = screen.key() else { return Ok(Asked::Left) };
        if field.press(&key) {
            return Ok(Asked::Answer(field.typed.trim().to_owned()));
        }
    }
}
