//! The lines of the tree.

use super::item::Item;
use crate::render::span::Label;
use crate::render::span::Phrase;
use crate::render::span::Text;
use crate::render::text::Style;
use crate::render::wrap;
use std::collections::VecDeque;
use unicode_width::UnicodeWidthStr;

/// An object gets at least this many columns; where the tree leaves fewer it goes on at the margin.
const ROOM: usize = 24;

/// Beside the notes of what has nothing below it.
const LEAF: &str = "  ";

/// What lines are made of.
struct Lines {
    tee: &'static str,
    last: &'static str,
    bar: &'static str,
    blank: &'static str,
    /// Beside the notes of what has something below it.
    stem: &'static str,
    around: &'static str,
    side: &'static str,
    down: &'static str,
    back: &'static str,
}

const BOXES: Lines = Lines {
    tee: "├─ ",
    last: "└─ ",
    bar: "│  ",
    blank: "   ",
    stem: "│ ",
    around: "┌─▶ ",
    side: "│   ",
    down: "▼",
    back: "└───┘ ",
};
const ASCII: Lines = Lines {
    tee: "|- ",
    last: "`- ",
    bar: "|  ",
    blank: "   ",
    stem: "| ",
    around: "+-> ",
    side: "|   ",
    down: "v",
    back: "+---+ ",
};

/// Draws items below one another at the margin.
pub fn forest(text: &mut Text, items: Vec<Item>, style: &Style) {
    let lines = if style.ascii { &ASCII } else { &BOXES };
    let mut drawing = Drawing { text, lines, width: style.width, later: VecDeque::new() };
    for item in items {
        drawing.item(item, "  ", "  ");
    }
    while let Some(item) = drawing.later.pop_front() {
        drawing.item(item, "  ", "  ");
    }
}

struct Drawing<'t> {
    text: &'t mut Text,
    lines: &'static Lines,
    width: usize,
    /// What did not fit where it belongs.
    later: VecDeque<Item>,
}

impl Drawing<'_> {
    /// Draws an item and all below it. `first` stands left of its first line, `rest` left of the others.
    fn item(&mut self, item: Item, first: &str, rest: &str) {
        if !item.cycle.is_empty() {
            self.cycle(item.cycle, first, rest);
            return;
        }
        let lines = self.lines;
        let too_deep = rest.width() + lines.bar.width() + ROOM > self.width && rest.width() > 2;
        if too_deep && !item.below.is_empty() {
            let title = item.title.clone().with(Label::Dim, " (goes on below)");
            self.lines_of(&title, &[], first, rest, LEAF);
            self.later.push_back(item);
            return;
        }
        let stem = if item.below.is_empty() { LEAF } else { lines.stem };
        self.lines_of(&item.title, &item.notes, first, rest, stem);
        let count = item.below.len();
        for (i, below) in item.below.into_iter().enumerate() {
            let (tee, bar) = if i + 1 == count { (lines.last, lines.blank) } else { (lines.tee, lines.bar) };
            self.item(below, &format!("{rest}{tee}"), &format!("{rest}{bar}"));
        }
    }

    /// A deadlock: down one side, and back up the other.
    fn cycle(&mut self, cycle: Vec<Item>, first: &str, rest: &str) {
        let lines = self.lines;
        let side = format!("{rest}{}", lines.side);
        let count = cycle.len();
        let mark = cycle.last().and_then(|last| last.mark.clone());
        for (i, item) in cycle.into_iter().enumerate() {
            let left = if i == 0 { format!("{first}{}", lines.around) } else { side.clone() };
            self.lines_of(&item.title, &item.notes, &left, &side, lines.stem);
            if i + 1 < count {
                self.text.line(Phrase::of(Label::Dim, format!("{side}{}", lines.down)));
            }
        }
        let back = Phrase::of(Label::Dim, format!("{rest}{}", lines.back));
        let hang = Phrase::new().plain(" ".repeat(wrap::columns(&back)));
        let mut again = Phrase::of(Label::Danger, "waits for the first again: a deadlock");
        if let Some(mark) = mark {
            again = again.plain("  ").then(mark);
        }
        wrap::paragraph(self.text, &back, &hang, &again, self.width);
    }

    fn lines_of(&mut self, title: &Phrase, notes: &[Phrase], first: &str, rest: &str, stem: &str) {
        let dim = |prefix: String| Phrase::of(Label::Dim, prefix);
        let hang = format!("{rest}{stem}");
        let under = if stem == LEAF { hang.clone() } else { format!("{hang}  ") };
        wrap::paragraph(self.text, &dim(first.to_owned()), &dim(under), title, self.width);
        for note in notes {
            wrap::paragraph(self.text, &dim(hang.clone()), &dim(format!("{hang}  ")), note, self.width);
        }
    }
}
