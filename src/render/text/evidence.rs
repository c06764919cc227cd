//! The fields that say so.

use super::Page;
use super::words;
use crate::diagnose::Evidence;
use crate::render::span::Label;
use crate::render::span::Phrase;

/// How many pieces of evidence convince.
const ENOUGH: usize = 6;

pub fn write(page: &mut Page, indent: usize, evidence: &[&Evidence]) {
    let shown = if page.style.verbose || evidence.len() <= ENOUGH + 1 { evidence.len() } else { ENOUGH };
    for evidence in &evidence[..shown] {
        let line = line(evidence, page.style.verbose);
        page.say(indent, &line);
    }
    if shown < evidence.len() {
        let more = format!("{} more; -v shows them", evidence.len() - shown);
        page.say(indent, &Phrase::of(Label::Dim, more));
    }
}

/// `Secret arc-runners/gh-app  exists = no`.
pub fn line(evidence: &Evidence, verbose: bool) -> Phrase {
    let line = words::object(&evidence.object).plain("  ");
    let line = match evidence.field.as_str() {
        field @ ("log" | "access" | "event") => line.plain(field).plain(": "),
        field => line.plain(field).plain(" = "),
    };
    match evidence.says.as_str() {
        "" => line.with(Label::Strong, "\"\""),
        says if verbose => line.with(Label::Strong, says),
        says => line.with(Label::Strong, words::clipped_around(says, evidence.recognised())),
    }
}
