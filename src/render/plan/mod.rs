//! A plan for a person who has to say yes to it: what changes, what it costs, what stays behind, and what will come of it.

mod change;
mod report;
mod script;
#[cfg(test)]
mod tests;

pub use report::{Became, Report, progress, report, undone};
pub use script::script;

use super::span::Label;
use super::span::Phrase;
use super::span::Text;
use super::text::Style;
use super::text::place;
use super::text::words;
use super::wrap;
use crate::diagnose::Loss;
use crate::diagnose::Remedy;
use crate::model::ObjectId;
use crate::plan::Hand;
use crate::plan::Outcome;
use crate::plan::Plan;
use crate::plan::Step;

/// How many objects are named before the rest is counted.
const NAMED: usize = 8;

/// The whole plan.
pub fn text(plan: &Plan, style: &Style) -> Text {
    let mut page = Page { style: *style, text: Text::new() };
    if plan.steps.is_empty() {
        let nothing = match plan.dearer {
            Some(_) => "There is nothing that this program could do here at the accepted loss.",
            None => "There is nothing that this program could do here without you.",
        };
        page.block(0, &Phrase::of(Label::Heading, nothing));
    }
    for (i, step) in plan.steps.iter().enumerate() {
        page.step(i + 1, step);
    }
    page.fights(plan);
    if !plan.steps.is_empty() {
        page.outcome(&plan.outcome);
        page.leaves("What stays behind", &plan.leaves());
    }
    page.left_to_you(&plan.left_to_you);
    if let Some(loss) = plan.dearer {
        page.dearer(loss);
    }
    page.text.trim();
    page.text
}

/// One step, as it is told when it begins.
pub fn step(number: usize, step: &Step, style: &Style) -> Text {
    let mut page = Page { style: *style, text: Text::new() };
    page.step(number, step);
    page.text.trim();
    page.text
}

/// One line to choose a way out by.
pub fn choice(step: &Step) -> String {
    let title = words::sentence(&step.remedy.title);
    format!("{} ({}): {title}", step.remedy.id, words::cost_in_short(step.remedy.loss))
}

/// What only a person can do, with the gentlest way of each.
pub fn left_to_you(hands: &[Hand], style: &Style) -> Text {
    let mut page = Page { style: *style, text: Text::new() };
    page.left_to_you(hands);
    page.text.trim();
    page.text
}

struct Page {
    style: Style,
    text: Text,
}

impl Page {
    fn block(&mut self, indent: usize, body: &Phrase) {
        let blanks = Phrase::new().plain(" ".repeat(indent));
        wrap::paragraph(&mut self.text, &blanks, &blanks, body, self.style.width);
    }

    fn say(&mut self, indent: usize, body: &Phrase) {
        let blanks = |n: usize| Phrase::new().plain(" ".repeat(n));
        wrap::paragraph(&mut self.text, &blanks(indent), &blanks(indent + 2), body, self.style.width);
    }

    fn heading(&mut self, title: &str) {
        self.text.gap();
        self.block(0, &Phrase::of(Label::Heading, title));
    }

    fn copy(&mut self, indent: usize, text: &str) {
        self.text.line(Phrase::new().plain(" ".repeat(indent)).with(Label::Command, text));
    }

    fn step(&mut self, number: usize, step: &Step) {
        self.text.gap();
        let title = Phrase::of(Label::Heading, format!("Step {number}"))
            .with(Label::Dim, format!(" ({})", step.remedy.id))
            .plain(": ")
            .with(Label::Strong, words::sentence(&step.remedy.title));
        self.say(0, &title);
        let why =
            Phrase::of(Label::Dim, format!("{}: ", step.class.id())).plain(words::sentence(&step.message));
        self.say(2, &why);
        self.price(2, &step.remedy);
        self.text.gap();
        for action in step.changes() {
            change::write(&mut self.text, 4, action, self.style.verbose);
        }
    }

    fn price(&mut self, indent: usize, remedy: &Remedy) {
        let label = match remedy.loss {
            Loss::None => Label::Good,
            Loss::Reversible => Label::Plain,
            Loss::Registration => Label::Warn,
            Loss::Job | Loss::Data => Label::Danger,
        };
        self.block(indent, &Phrase::of(label, words::cost(remedy.loss)));
    }

    fn fights(&mut self, plan: &Plan) {
        for fight in &plan.fights {
            self.text.gap();
            let warning = Phrase::of(Label::Warn, format!("Pause {} first", fight.tool))
                .plain(format!(": it keeps {} as it is in Git, and would undo this.", fight.object));
            self.block(0, &warning);
            self.copy(4, &fight.pause);
        }
    }

    fn outcome(&mut self, outcome: &Outcome) {
        self.heading("What will come of it");
        let verdict = match (outcome.frees, outcome.unsure.is_empty()) {
            (true, true) => Phrase::of(Label::Good, "Nothing that you asked about is blocked any more."),
            (true, false) => Phrase::of(Label::Warn, "Nothing that was seen is blocked any more.")
                .plain(" Not all could be read."),
            (false, _) => Phrase::of(Label::Warn, "Something stays blocked."),
        };
        self.block(2, &verdict);
        if !outcome.gone.is_empty() {
            let count = words::count(outcome.gone.len(), "object");
            let phrase = Phrase::new().plain(format!("{count} will be gone: "));
            self.say(2, &phrase.plain(self.listed(&outcome.gone)));
        }
        for (id, because) in outcome.remains.iter().take(self.most()) {
            self.say(2, &Phrase::new().with(Label::Object, id.to_string()).plain(" stays: ").plain(because));
        }
        let more = outcome.remains.len().saturating_sub(self.most());
        if more > 0 {
            self.block(2, &Phrase::of(Label::Dim, format!("{more} more stay; -v names them")));
        }
        if !outcome.unsure.is_empty() {
            let listed = self.listed(&outcome.unsure);
            self.say(2, &Phrase::new().plain("Nobody can tell about ").plain(listed));
        }
    }

    fn most(&self) -> usize {
        if self.style.verbose { usize::MAX } else { NAMED }
    }

    fn listed(&self, ids: &[ObjectId]) -> String {
        let mut names: Vec<String> = ids.iter().take(self.most()).map(ToString::to_string).collect();
        let more = ids.len().saturating_sub(names.len());
        if more > 0 {
            names.push(format!("{more} more"));
        }
        words::list(&names)
    }

    fn leaves(&mut self, title: &str, leaves: &[&str]) {
        if leaves.is_empty() {
            return;
        }
        self.text.gap();
        self.block(0, &Phrase::of(Label::Warn, title));
        for leaf in leaves {
            self.say(2, &Phrase::new().plain(leaf));
        }
        let mut pages: Vec<String> = leaves.iter().filter_map(|leaf| place::settings_page(leaf)).collect();
        pages.sort();
        pages.dedup();
        if !pages.is_empty() {
            self.block(2, &Phrase::new().plain("To be removed there:"));
            for page in pages {
                self.copy(4, &page);
            }
        }
    }

    fn dearer(&mut self, loss: Loss) {
        self.text.gap();
        let flag = format!("--accept-loss {}", loss.word());
        let hint = Phrase::new().plain("With ").with(Label::Strong, flag).plain(" more could be done: ");
        self.block(0, &hint.plain(format!("{}.", words::cost(loss).trim_end_matches('.'))));
    }

    fn left_to_you(&mut self, hands: &[Hand]) {
        if hands.is_empty() {
            return;
        }
        self.heading("What is left to you");
        for hand in hands {
            let phrase = Phrase::of(Label::Danger, hand.class.id()).plain(": ");
            self.say(2, &phrase.plain(words::sentence(&hand.message)));
            for remedy in &hand.remedies {
                let line = Phrase::of(Label::Strong, remedy.id)
                    .plain(format!(" ({}): ", words::cost_in_short(remedy.loss)))
                    .plain(words::sentence(&remedy.title));
                self.say(4, &line);
                // All of them: half of a way out would be worse than none.
                for command in remedy.commands() {
                    self.copy(8, &command);
                }
            }
        }
    }
}
