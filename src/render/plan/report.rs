//! The end of a run, for a person who wants to go home.

use super::Page;
use crate::diagnose::Diagnosis;
use crate::diagnose::Loss;
use crate::diagnose::Verdict;
use crate::journal::Undo;
use crate::model::ObjectId;
use crate::name;
use crate::plan::Hand;
use crate::render::span::Label;
use crate::render::span::Phrase;
use crate::render::span::Text;
use crate::render::text::Style;
use crate::render::text::words;

/// What is told at the end.
pub struct Report<'a> {
    /// Nothing that was asked about is blocked.
    pub free: bool,
    /// Why it ended, if it is not free; no final stop.
    pub why: String,
    pub diagnosis: &'a Diagnosis,
    pub done: &'a [String],
    /// What stays behind at GitHub.
    pub leaves: Vec<&'a str>,
    /// How many objects the play promised to be gone, and are.
    pub gone: usize,
    /// How many it promised in all.
    pub promised: usize,
    /// What it promised to be gone, and is on its way.
    pub still_going: Vec<ObjectId>,
    /// What it promised to be gone, and is not.
    pub still_there: Vec<ObjectId>,
    /// What it promised to be gone, and could not be looked for.
    pub unread: Vec<ObjectId>,
    pub left_to_you: Vec<Hand>,
    /// There are steps left that could be done.
    pub more: bool,
    /// The loss at which more could be done.
    pub dearer: Option<Loss>,
    /// Where the changes are noted.
    pub journal: Option<String>,
}

/// The report.
pub fn report(report: &Report<'_>, style: &Style) -> Text {
    let mut page = Page { style: *style, text: Text::new() };
    let going = report.diagnosis.summary.verdict == Verdict::Waiting;
    let headline = match (report.free, going) {
        (true, false) => Phrase::of(Label::Good, "Nothing is blocked any more."),
        (true, true) => Phrase::of(Label::Good, "Nothing is blocked any more; what is left goes by itself."),
        (false, _) => {
            Phrase::of(Label::Danger, "Still blocked").plain(": ").plain(words::sentence(&report.why))
        }
    };
    page.block(0, &headline);
    if !report.done.is_empty() {
        page.heading("What was done");
        for done in report.done {
            page.say(2, &Phrase::new().plain(done));
        }
    }
    if report.free && report.promised > 0 && !(going && report.gone == 0) {
        page.text.gap();
        let all = words::count(report.promised, "object");
        let said = if report.gone == report.promised {
            let (was, is) = if report.gone == 1 { ("was", "is") } else { ("were", "are") };
            format!("{all} that {was} to go {is} gone.")
        } else {
            let is = if report.gone == 1 { "is" } else { "are" };
            format!("Of {all} to go {} {is} gone so far.", report.gone)
        };
        page.say(0, &Phrase::new().plain(said));
    }
    // What is on its way holds most of the others; the headline says that it goes by itself.
    if !going {
        page.rest("Still going", &report.still_going);
        page.rest("Expected to be gone, and still there", &report.still_there);
        page.rest("Could not be looked for", &report.unread);
    }
    page.leaves("What stays behind", &report.leaves);
    page.left_to_you(&report.left_to_you);
    if report.more {
        page.text.gap();
        let again = name::command("unblock");
        page.block(0, &Phrase::new().plain(format!("More can be done: run {again} again.")));
    }
    if let Some(loss) = report.dearer {
        page.dearer(loss);
    }
    if let Some(journal) = &report.journal {
        page.heading("Noted in");
        page.copy(2, journal);
        let back = format!("{} with it puts back what can be put back.", name::command("unblock --undo"));
        page.block(2, &Phrase::of(Label::Dim, back));
    }
    page.text.trim();
    page.text
}

impl Page {
    /// Some of what was promised to be gone.
    fn rest(&mut self, title: &str, ids: &[ObjectId]) {
        if !ids.is_empty() {
            let listed = self.listed(ids);
            self.say(0, &Phrase::of(Label::Warn, title).plain(": ").plain(listed));
        }
    }
}

/// What is still there, as one line: how many objects, and where each runner set stands.
/// `promised`: what is to go as well, and is not in the way of anything.
pub fn progress(diagnosis: &Diagnosis, promised: &[ObjectId]) -> String {
    let mut stuck: Vec<String> = promised.iter().map(ToString::to_string).collect();
    for step in diagnosis.targets.iter().flat_map(|target| &target.path) {
        let stage = if step.stage.is_empty() { String::new() } else { format!(" ({})", step.stage) };
        let line = format!("{}{stage}", step.object.id);
        if !stuck.contains(&line) {
            stuck.push(line);
        }
    }
    let reasons = diagnosis.targets.iter().flat_map(|target| &target.reasons);
    match (diagnosis.summary.verdict, stuck.is_empty()) {
        (Verdict::Clear, true) => "nothing is left".to_owned(),
        (_, false) => {
            let more = stuck.len().saturating_sub(SHOWN);
            stuck.truncate(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("still there: {}{more}", stuck.join(", "))
        }
        (verdict, true) => reasons.take(1).fold(verdict.word().to_owned(), |_, reason| reason.clone()),
    }
}

/// How many objects a line names.
const SHOWN: usize = 3;

/// What became of one write of a journal.
pub enum Became {
    Said(String),
    /// This would put it back.
    Command(String),
}

/// What became of each write of a journal.
pub fn undone(undos: &[(Undo, Became)], style: &Style) -> Text {
    let mut page = Page { style: *style, text: Text::new() };
    if undos.is_empty() {
        page.block(0, &Phrase::new().plain("The journal holds nothing that was changed."));
    }
    for (undo, outcome) in undos {
        let unsure = if undo.certain { "" } else { " (it is not known whether that happened)" };
        let line = Phrase::of(Label::Object, undo.object.to_string()).plain(": ").plain(&undo.done);
        page.say(0, &line.with(Label::Warn, unsure));
        match outcome {
            Became::Said(words) => page.say(4, &Phrase::new().plain(words)),
            Became::Command(command) => page.copy(4, command),
        }
    }
    page.text.trim();
    page.text
}
