//! What each label looks like.

use crate::render::Label;
use crate::render::Phrase;
use crate::render::Span;
use crate::render::Text;
use owo_colors::OwoColorize;
use unicode_width::UnicodeWidthChar;
use unicode_width::UnicodeWidthStr;

/// The text with what each label looks like, or without.
pub fn shown(text: &Text, colors: bool) -> String {
    if !colors {
        return text.to_string();
    }
    let mut out = String::new();
    for line in text.lines() {
        for (label, run) in runs(line) {
            out.push_str(&painted(label, &run));
        }
        out.push('\n');
    }
    out
}

/// Neighbours that look alike in one piece: a sentence needs one pair of codes, not one for each word. Blanks look
/// like what stands before them.
fn runs(line: &[Span]) -> Vec<(Label, String)> {
    let mut runs: Vec<(Label, String)> = Vec::new();
    for (place, span) in line.iter().enumerate() {
        let blank = span.text().chars().all(|c| c == ' ');
        let next = line.get(place + 1).map(Span::label);
        match runs.last_mut() {
            Some((label, run)) if *label == span.label() || (blank && next == Some(*label)) => {
                run.push_str(span.text());
            }
            _ => runs.push((span.label(), span.text().to_owned())),
        }
    }
    runs
}

/// Only the eight colours that every theme adapts, and none for what must be read.
fn painted(label: Label, text: &str) -> String {
    match label {
        Label::Plain => text.to_owned(),
        Label::Heading | Label::Strong => text.bold().to_string(),
        Label::Danger => text.red().bold().to_string(),
        Label::Warn => text.yellow().to_string(),
        Label::Good => text.green().to_string(),
        Label::Dim => text.dimmed().to_string(),
        Label::Object => text.cyan().to_string(),
        Label::Command => text.green().bold().to_string(),
    }
}

/// The line cut to so many columns, with a sign that more was there.
pub fn fitted(line: &Phrase, columns: usize, ascii: bool) -> Phrase {
    let width = |phrase: &Phrase| phrase.spans().iter().map(|span| span.text().width()).sum::<usize>();
    if width(line) <= columns {
        return line.clone();
    }
    let more = if ascii { "..." } else { "…" };
    let mut room = columns.saturating_sub(more.width());
    let mut out = Phrase::new();
    for span in line.spans() {
        let fits = beginning(span.text(), room);
        out = out.with(span.label(), fits);
        room -= fits.width();
        if fits.len() < span.text().len() {
            break;
        }
    }
    out.with(Label::Dim, more)
}

/// As much from the beginning of the text as goes into so many columns.
fn beginning(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += c.width().unwrap_or(0);
        used > columns
    });
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// As much from the end of what was typed as goes into so many columns, as it may be shown.
pub fn end(typed: &str, columns: usize) -> String {
    let shown = Span::new(Label::Plain, typed);
    let mut used = 0;
    let chars: Vec<char> = shown
        .text()
        .chars()
        .rev()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= columns
        })
        .collect();
    chars.into_iter().rev().collect()
}
