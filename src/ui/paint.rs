//! What each label looks like.

use crate::render::Label;
use crate::render::Phrase;
use crate::render::Span;
use crate::render::Text;
use crate::render::columns;
use owo_colors::OwoColorize;
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

/// The line cut to a width, with a sign that more was there.
pub fn fitted(line: &Phrase, width: usize, ascii: bool) -> Phrase {
    if columns(line) <= width {
        return line.clone();
    }
    let more = beginning(if ascii { "..." } else { "…" }, width);
    let mut room = width - more.width();
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

/// As much from the beginning of the text as goes into a width.
fn beginning(text: &str, width: usize) -> &str {
    let mut ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
    let end = ends.find(|end| text.get(..*end).is_some_and(|text| text.width() <= width));
    end.and_then(|end| text.get(..end)).unwrap_or("")
}

/// As much from the end of what was typed as goes into a width, as it may be shown.
pub fn end(typed: &str, width: usize) -> String {
    let shown = Span::new(Label::Plain, typed);
    let mut rests = shown.text().char_indices().filter_map(|(at, _)| shown.text().get(at..));
    rests.find(|rest| rest.width() <= width).unwrap_or("").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_cut_fits_and_what_fits_is_not_cut(text in "[a-z日\u{301}\u{7} ]{0,30}", width in 0usize..40) {
            let line = Phrase::of(Label::Plain, &text).with(Label::Dim, &text);
            for ascii in [false, true] {
                let cut = fitted(&line, width, ascii);
                prop_assert!(columns(&cut) <= width, "{cut:?}");
                prop_assert_eq!(cut == line, columns(&line) <= width);
            }
            let whole = Span::new(Label::Plain, &text);
            let last = end(&text, width);
            prop_assert!(last.width() <= width && whole.text().ends_with(&last));
            prop_assert_eq!(last == whole.text(), whole.text().width() <= width);
        }
    }
}
