//! The Diagnosis for a person who is tired and worried.
//!
//! The order is that of the questions: what is stuck and will it end by itself; what is the root; how does one
//! lead to the other; how do we know; what is the gentlest way out, what does it cost and what does it leave
//! behind; what could not be read. Equal things are told once. What is needed to act is never left out; what
//! merely convinces is cut to a few lines, and the cut is said.

mod evidence;
mod fold;
mod headline;
pub mod place;
mod remedy;
mod roots;
mod tree;
pub mod words;

use super::span::Label;
use super::span::Phrase;
use super::span::Text;
use super::wrap;
use crate::diagnose::Class;
use crate::diagnose::Diagnosis;
use crate::diagnose::Gap;

/// How the text is to be laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns. Only what is to be copied (commands, addresses) may be wider.
    pub width: usize,
    /// Leave nothing out.
    pub verbose: bool,
    /// Draw with ASCII alone.
    pub ascii: bool,
}

/// The answers of one or more clusters, one after the other.
pub fn diagnoses(answers: &[Diagnosis], style: &Style) -> Text {
    if let [answer] = answers {
        return diagnosis(answer, style);
    }
    let mut all = Text::new();
    for answer in answers {
        all.gap();
        all.line(Phrase::of(Label::Heading, format!("Context {}", answer.source.context)));
        all.append(diagnosis(answer, style));
    }
    all
}

/// The whole answer.
pub fn diagnosis(diagnosis: &Diagnosis, style: &Style) -> Text {
    let mut page = Page { diagnosis, style: *style, text: Text::new() };
    let groups = fold::groups(diagnosis, &diagnosis.roots);
    headline::write(&mut page, &groups);
    roots::write(&mut page, &groups);
    gaps(&mut page);
    roots::notices(&mut page);
    page.text.trim();
    page.text
}

/// What is being written, and for whom.
struct Page<'a> {
    diagnosis: &'a Diagnosis,
    style: Style,
    text: Text,
}

impl Page<'_> {
    /// A paragraph at an indent; its further lines hang two columns deeper.
    fn say(&mut self, indent: usize, body: &Phrase) {
        self.hang(indent, indent + 2, body);
    }

    /// A paragraph whose further lines stand under its first.
    fn block(&mut self, indent: usize, body: &Phrase) {
        self.hang(indent, indent, body);
    }

    fn hang(&mut self, first: usize, rest: usize, body: &Phrase) {
        let blanks = |n: usize| Phrase::new().plain(" ".repeat(n));
        wrap::paragraph(&mut self.text, &blanks(first), &blanks(rest), body, self.style.width);
    }

    /// A line to be copied, as it is.
    fn copy(&mut self, indent: usize, text: &str) {
        self.text.line(Phrase::new().plain(" ".repeat(indent)).with(Label::Command, text));
    }

    fn heading(&mut self, title: &str) {
        self.text.gap();
        self.block(0, &Phrase::of(Label::Heading, title));
    }
}

/// How a log is called among the kinds of a snapshot.
const POD_LOG: &str = "PodLog";
/// How the command to read a controller's log tells itself from others.
const OF_DEPLOYMENT: &str = " deployment/";
/// How many hidden classes are named before the rest is counted.
const HIDDEN: usize = 4;

fn gaps(page: &mut Page) {
    let diagnosis = page.diagnosis;
    if diagnosis.gaps.is_empty() {
        return;
    }
    page.heading("Could not be read");
    for gap in &diagnosis.gaps {
        let line = gap_line(gap, page.style.verbose);
        page.say(2, &line);
        if !gap.command.is_empty() {
            page.copy(6, &gap.command);
        }
    }
}

fn gap_line(gap: &Gap, verbose: bool) -> Phrase {
    // A log is no kind that anybody knows by that name.
    let kind = match gap.kind.as_str() {
        POD_LOG if gap.command.contains(OF_DEPLOYMENT) => "The controller's log",
        POD_LOG => "A pod's log",
        kind => words::kind(kind),
    };
    let line = Phrase::of(Label::Object, kind);
    let line =
        if gap.namespace.is_empty() { line } else { line.plain(" in ").with(Label::Object, &gap.namespace) };
    let reason = if verbose { gap.reason.as_str().into() } else { words::clipped(&gap.reason) };
    let line = line.plain(": ").with(Label::Warn, reason);
    if gap.hides.is_empty() {
        return line;
    }
    let mut ids: Vec<String> = gap.hides.iter().copied().map(Class::id).map(str::to_owned).collect();
    if !verbose && ids.len() > HIDDEN + 1 {
        let more = ids.len() - HIDDEN;
        ids.truncate(HIDDEN);
        ids.push(format!("{more} more"));
    }
    line.plain("; could hide ").plain(words::list(&ids))
}

#[cfg(test)]
mod tests;
