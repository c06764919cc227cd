//! A question that is answered by typing: what the keys do, and what is seen.

use super::paint;
use crate::render::Label;
use crate::render::Phrase;
use crate::render::Span;
use crate::render::Text;
use crate::render::columns;
use crate::render::wrapped;
use dialoguer::console::Key;

/// With less room behind the question, what is typed gets a line of its own.
const ROOM: usize = 16;

/// Ctrl-U, which empties a line everywhere else.
const CTRL_U: Key = Key::Char('\u{15}');

pub struct Field {
    question: String,
    /// What was wrong with the answer before.
    pub note: Option<String>,
    pub typed: String,
}

impl Field {
    pub fn new(question: String) -> Self {
        Self { question, note: None, typed: String::new() }
    }

    /// Does what the key says. True once it was the last.
    pub fn press(&mut self, key: &Key) -> bool {
        match key {
            Key::Enter => return true,
            Key::Backspace => drop(self.typed.pop()),
            key if *key == CTRL_U => self.typed.clear(),
            Key::Char(c) if !c.is_control() => self.typed.push(*c),
            _ => {}
        }
        false
    }

    /// The question, and the end of what was typed behind it.
    pub fn seen(&self, width: usize) -> Text {
        let mut text = Text::new();
        if let Some(note) = &self.note {
            text.append(wrapped(&Phrase::of(Label::Warn, note), width));
        }
        let question = wrapped(&Phrase::of(Label::Strong, &self.question), width);
        let mut lines: Vec<Phrase> = question.lines().map(phrase).collect();
        let mut last = lines.pop().unwrap_or_default().plain(" ");
        let mut left = width.saturating_sub(columns(&last));
        if left < ROOM.min(width) {
            lines.push(std::mem::take(&mut last));
            left = width;
        }
        for line in lines {
            text.line(line);
        }
        text.line(last.plain(paint::end(&self.typed, left)));
        text
    }
}

fn phrase(line: &[Span]) -> Phrase {
    line.iter().fold(Phrase::new(), |phrase, span| phrase.with(span.label(), span.text()))
}
