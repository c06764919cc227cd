//! Breaks phrases into lines of a given width, by columns and not by characters.

use super::span::Label;
use super::span::Phrase;
use super::span::Text;
use unicode_width::UnicodeWidthChar;
use unicode_width::UnicodeWidthStr;

/// Below this many columns a body is not squeezed any further.
const NARROWEST: usize = 12;

/// Adds `body` to `text`, wrapped at `width`: its first line begins with `first`, the others with `rest`.
pub fn paragraph(text: &mut Text, first: &Phrase, rest: &Phrase, body: &Phrase, width: usize) {
    let mut lines = Lines { text, rest, width, line: first.clone(), used: columns(first), fresh: true };
    for word in words(body) {
        lines.word(word);
    }
    let line = lines.line;
    text.line(line);
}

/// A paragraph by itself.
pub fn wrapped(body: &Phrase, width: usize) -> Text {
    let mut text = Text::new();
    paragraph(&mut text, &Phrase::new(), &Phrase::new(), body, width);
    text
}

/// How many columns a phrase takes.
pub fn columns(phrase: &Phrase) -> usize {
    phrase.spans().iter().map(|span| span.text().width()).sum()
}

/// What stands between two blanks, with the number of blanks before it. May change labels in its midst.
#[derive(Default)]
struct Word {
    blanks: usize,
    chars: Vec<(Label, char)>,
}

impl Word {
    fn columns(&self) -> usize {
        self.chars.iter().map(|(_, c)| c.width().unwrap_or(0)).sum()
    }
}

fn words(body: &Phrase) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word::default();
    for span in body.spans() {
        for c in span.text().chars() {
            if c != ' ' {
                word.chars.push((span.label(), c));
            } else if word.chars.is_empty() {
                word.blanks += 1;
            } else {
                words.push(std::mem::replace(&mut word, Word { blanks: 1, chars: Vec::new() }));
            }
        }
    }
    if !word.chars.is_empty() {
        words.push(word);
    }
    words
}

struct Lines<'a> {
    text: &'a mut Text,
    rest: &'a Phrase,
    width: usize,
    line: Phrase,
    used: usize,
    /// Nothing but the prefix stands on the line yet.
    fresh: bool,
}

impl Lines<'_> {
    fn word(&mut self, mut word: Word) {
        let room = self.width.max(columns(self.rest) + NARROWEST);
        let blanks = if self.fresh { 0 } else { word.blanks };
        if self.used + blanks + word.columns() <= room {
            self.line = std::mem::take(&mut self.line).plain(" ".repeat(blanks));
            self.used += blanks;
            self.put(&word.chars);
            return;
        }
        if !self.fresh {
            self.turn();
        }
        while self.used + word.columns() > room {
            let rest = word.chars.split_off(fitting(&word.chars, room.saturating_sub(self.used).max(1)));
            self.put(&word.chars);
            self.turn();
            word.chars = rest;
        }
        self.put(&word.chars);
    }

    fn put(&mut self, chars: &[(Label, char)]) {
        for run in chars.chunk_by(|a, b| a.0 == b.0) {
            let piece: String = run.iter().map(|(_, c)| *c).collect();
            self.used += piece.width();
            self.line = std::mem::take(&mut self.line).with(run[0].0, piece);
        }
        self.fresh = self.fresh && chars.is_empty();
    }

    fn turn(&mut self) {
        self.text.line(std::mem::replace(&mut self.line, self.rest.clone()));
        self.used = columns(self.rest);
        self.fresh = true;
    }
}

/// How many characters of an overlong word go on a line with this room: up to a mark after which a name may be
/// broken if there is one in the last two thirds, else as many as fit. At least one.
fn fitting(chars: &[(Label, char)], room: usize) -> usize {
    let mut used = 0;
    let mut fits = 0;
    let mut soft = 0;
    for (i, (_, c)) in chars.iter().enumerate() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        fits = i + 1;
        if matches!(c, '/' | '.' | '-' | '_' | ',' | ':' | '=' | '@') {
            soft = fits;
        }
    }
    if soft * 3 >= fits { soft.max(1) } else { fits.max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wrapped(body: &str, width: usize) -> String {
        let mut text = Text::new();
        let body = Phrase::new().plain(body);
        paragraph(&mut text, &Phrase::new().plain("- "), &Phrase::new().plain("  "), &body, width);
        text.to_string()
    }

    #[test]
    fn words_go_to_the_next_line_and_hang_under_the_first() {
        assert_eq!(wrapped("one two  three four", 12), "- one two\n  three four\n");
        assert_eq!(wrapped("one  two", 12), "- one  two\n");
    }

    #[test]
    fn an_overlong_name_is_broken_after_a_mark() {
        assert_eq!(
            wrapped("autoscalinglistener.actions.github.com/finalizer", 26),
            "- autoscalinglistener.\n  actions.github.com/\n  finalizer\n"
        );
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(wrapped("日本語日本語日本語", 14), "- 日本語日本語\n  日本語\n");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_asked_and_no_word_is_lost(body in "[a-z日./ -]{0,80}", width in 15usize..60) {
            let text = wrapped(&body, width);
            prop_assert!(text.lines().all(|line| line.width() <= width), "{text}");
            let letters = |s: &str| s.chars().filter(|c| *c != ' ' && *c != '\n').collect::<String>();
            prop_assert_eq!(letters(&text), letters(&format!("-{body}")));
        }
    }
}
