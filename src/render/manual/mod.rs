//! The manual on a terminal: the index and one page.

#[cfg(test)]
mod markdown;
#[cfg(test)]
mod tests;

use super::span::Label;
use super::span::Phrase;
use super::span::Text;
use super::wrap;
use crate::diagnose::manual;
use crate::diagnose::manual::Article;
use crate::diagnose::manual::Entry;
use crate::diagnose::manual::Part;
use crate::name;

/// How a page or the index is to be laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Columns. Only names, which are to be copied, may be wider.
    pub width: usize,
    /// Draw with ASCII alone.
    pub ascii: bool,
}

/// Names up to this length set the column at which the words beside them begin; longer ones stand out.
const NAME_COLUMN: usize = 50;
/// Fewer columns than this are left empty: two words cut short say nothing.
const WORTH: usize = 16;

/// The index: one line for every name that has a page.
pub fn index(parts: &[Part], sheet: Sheet) -> Text {
    let mut text = Text::new();
    let intro = "The classes of root blockers, what others stand on first.";
    let none = Phrase::new();
    wrap::paragraph(&mut text, &none, &none, &Phrase::new().plain(intro), sheet.width);
    for part in parts {
        text.gap();
        text.line(Phrase::of(Label::Heading, part.title));
        let alike = parts.iter().filter(|other| other.classes && part.classes || other.title == part.title);
        let lengths = alike.flat_map(|part| &part.entries).map(|entry| entry.name.len());
        let column = lengths.filter(|length| *length <= NAME_COLUMN).max().unwrap_or(0);
        for entry in &part.entries {
            text.line(entry_line(entry, column, sheet));
        }
    }
    text.gap();
    let end = Phrase::new()
        .plain("To read a page: ")
        .with(Label::Command, name::command("explain NAME"))
        .plain(". Finalizers of others have pages as well, such as ")
        .with(Label::Object, "kubernetes.io/pvc-protection")
        .plain(".");
    wrap::paragraph(&mut text, &none, &none, &end, sheet.width);
    text
}

fn entry_line(entry: &Entry, column: usize, sheet: Sheet) -> Phrase {
    let line = Phrase::new().plain("  ").with(Label::Object, &entry.name);
    let room = sheet.width.saturating_sub(column.max(entry.name.len()) + 4);
    let says = cut(&entry.says, room, if sheet.ascii { "..." } else { "…" });
    if says.is_empty() {
        return line;
    }
    line.plain(" ".repeat(column.saturating_sub(entry.name.len()) + 2)).plain(says)
}

/// As many whole words as fit, with a mark if that is not all.
fn cut(words: &str, room: usize, mark: &str) -> String {
    let columns = |words: &str| wrap::columns(&Phrase::new().plain(words));
    if columns(words) <= room {
        return words.to_owned();
    }
    let mut kept = String::new();
    for word in words.split(' ') {
        let longer = if kept.is_empty() { word.to_owned() } else { format!("{kept} {word}") };
        if columns(&longer) + columns(mark) > room {
            break;
        }
        kept = longer;
    }
    if kept.is_empty() || room < WORTH {
        String::new()
    } else {
        format!("{}{mark}", kept.trim_end_matches([',', ';', ':']))
    }
}

/// A page.
pub fn article(article: &Article, sheet: Sheet) -> Text {
    let mut text = Text::new();
    let none = Phrase::new();
    let indent = Phrase::new().plain("  ");
    text.line(Phrase::of(Label::Heading, &article.title));
    wrap::paragraph(&mut text, &none, &none, &Phrase::new().plain(&article.summary), sheet.width);
    for section in &article.sections {
        text.gap();
        wrap::paragraph(&mut text, &none, &none, &Phrase::of(Label::Heading, section.heading), sheet.width);
        wrap::paragraph(&mut text, &indent, &indent, &with_classes(&section.body), sheet.width);
    }
    text.gap();
    text.line(Phrase::of(Label::Heading, "Read in"));
    let deeper = Phrase::new().plain("    ");
    for source in &article.sources {
        wrap::paragraph(&mut text, &indent, &deeper, &Phrase::of(Label::Dim, source), sheet.width);
    }
    text
}

/// A paragraph in which the names of classes stand out.
fn with_classes(body: &str) -> Phrase {
    pieces(body).into_iter().fold(Phrase::new(), |phrase, (piece, is_class)| {
        phrase.with(if is_class { Label::Object } else { Label::Plain }, piece)
    })
}

/// A text in pieces: the names of classes, and what stands between them.
fn pieces(body: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    for word in body.split_inclusive(' ') {
        let core = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        match word.split_once(core) {
            Some((before, after)) if manual::class(core).is_some() => {
                pieces.extend([(before, false), (core, true), (after, false)]);
            }
            _ => pieces.push((word, false)),
        }
    }
    pieces.retain(|(piece, _)| !piece.is_empty());
    pieces
}
