//! A list of which some lines are chosen: what the keys do, and what is seen.

use super::paint;
use super::prompt::Choice;
use crate::render::Label;
use crate::render::Phrase;
use crate::render::Text;
use crate::render::wrapped;
use dialoguer::console::Key;
use dialoguer::theme::SimpleTheme;
use dialoguer::theme::Theme;

const HELP: &str = "Arrows move, Space chooses, Enter goes on, Esc leaves.";

/// How much of the terminal there is.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub rows: usize,
    pub columns: usize,
    pub ascii: bool,
}

pub struct Menu<'a> {
    question: &'a str,
    choices: &'a [Choice],
    on: Vec<bool>,
    /// Where the user is.
    at: usize,
    /// The first line that is seen, if not all are.
    top: usize,
}

impl<'a> Menu<'a> {
    pub fn new(question: &'a str, choices: &'a [Choice]) -> Self {
        let on = choices.iter().map(|choice| choice.on).collect();
        Self { question, choices, on, at: 0, top: 0 }
    }

    /// Does what the key says. True once it was the last.
    pub fn press(&mut self, key: &Key) -> bool {
        let last = self.choices.len().saturating_sub(1);
        match key {
            Key::Enter => return true,
            Key::ArrowDown | Key::Tab | Key::Char('j') => {
                self.at = if self.at < last { self.at + 1 } else { 0 }
            }
            Key::ArrowUp | Key::BackTab | Key::Char('k') => self.at = self.at.checked_sub(1).unwrap_or(last),
            Key::Home => self.at = 0,
            Key::End => self.at = last,
            Key::Char(' ') => {
                if let Some(on) = self.on.get_mut(self.at) {
                    *on = !*on;
                }
            }
            _ => {}
        }
        false
    }

    /// The numbers of what is chosen.
    pub fn chosen(&self) -> Vec<usize> {
        self.on.iter().enumerate().filter_map(|(number, on)| on.then_some(number)).collect()
    }

    /// The question with as many lines as there is room for, where the user is among them.
    pub fn asked(&mut self, room: Room) -> Text {
        let mut text = self.heading(room);
        let left = room.rows.saturating_sub(text.lines().count());
        let all = self.choices.len();
        // One line more is needed to say that there are others.
        let seen = if all <= left { all } else { left.saturating_sub(1).max(1) };
        self.top = self.top.clamp((self.at + 1).saturating_sub(seen), self.at).min(all - seen.min(all));
        for number in self.top..self.top + seen {
            text.line(self.line(number, number == self.at, room));
        }
        if seen < all {
            let place = format!("  {} of {all}", self.at + 1);
            text.line(paint::fitted(&Phrase::of(Label::Dim, place), room.columns, room.ascii));
        }
        text
    }

    /// The question and what the keys do. In a small room the beginning of the question has to do.
    fn heading(&self, room: Room) -> Text {
        let question = Phrase::of(Label::Strong, self.question);
        let mut text = wrapped(&question, room.columns);
        text.append(wrapped(&Phrase::of(Label::Dim, HELP), room.columns));
        if text.lines().count() + 2 > room.rows {
            text = Text::new();
            text.line(paint::fitted(&question, room.columns, room.ascii));
        }
        text
    }

    /// What stays to be read: the question, and what was chosen.
    pub fn answered(&self, room: Room) -> Text {
        let mut text = wrapped(&Phrase::of(Label::Strong, self.question), room.columns);
        let chosen = self.chosen();
        if chosen.is_empty() {
            text.line(Phrase::of(Label::Dim, "  none"));
        }
        for number in chosen {
            text.line(self.line(number, false, room));
        }
        text
    }

    fn line(&self, number: usize, here: bool, room: Room) -> Phrase {
        let on = self.on.get(number).is_some_and(|on| *on);
        let line = self.choices.get(number).map_or("", |choice| choice.line.as_str());
        let mut mark = String::new();
        // Writing to a String does not fail.
        let _ = SimpleTheme.format_multi_select_prompt_item(&mut mark, "", on, here);
        let label = if here { Label::Strong } else { Label::Plain };
        paint::fitted(&Phrase::of(label, mark).with(label, line), room.columns, room.ascii)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::columns;
    use proptest::prelude::*;

    fn keys() -> impl Strategy<Value = Key> {
        let keys = [Key::ArrowDown, Key::ArrowUp, Key::Home, Key::End, Key::Char(' '), Key::Char('?')];
        prop::sample::select(keys.to_vec())
    }

    proptest! {
        #[test]
        fn the_list_fits_and_shows_where_the_user_is(
            count in 1usize..30,
            rows in 3usize..40,
            columns_there in 12usize..100,
            keys in prop::collection::vec(keys(), 0..40),
        ) {
            let choice = |number| Choice { line: format!("line {number} 日本語日本語"), on: number % 2 == 0 };
            let choices: Vec<Choice> = (0..count).map(choice).collect();
            let mut menu = Menu::new("Which of all these lines?", &choices);
            for key in keys {
                prop_assert!(!menu.press(&key));
                let text = menu.asked(Room { rows, columns: columns_there, ascii: false });
                prop_assert!(text.lines().count() <= rows, "{text}");
                prop_assert_eq!(text.to_string().lines().filter(|line| line.starts_with('>')).count(), 1);
                for line in text.lines() {
                    let line = line.iter().fold(Phrase::new(), |line, span| line.plain(span.text()));
                    prop_assert!(columns(&line) <= columns_there, "{text}");
                }
            }
            prop_assert!(menu.press(&Key::Enter));
        }
    }
}
