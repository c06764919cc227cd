//! The table: class by class, what was right.

use crate::answer::Outcome;
use crate::answer::Sort;
use crate::answer::Wrong;
use crate::answer::sort;
use crate::case::Case;
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(Default)]
struct Row {
    clusters: usize,
    decidable: usize,
    class: usize,
    object: usize,
    loss: usize,
    undecidable: usize,
    undecidable_right: usize,
    quiet: usize,
    quiet_right: usize,
}

impl Row {
    fn count(&mut self, case: &Case, outcome: &Outcome) {
        let is_wrong = |what: &[Wrong]| outcome.wrong.iter().any(|wrong| what.contains(wrong));
        self.clusters += 1;
        match sort(case) {
            Sort::Decidable => {
                let class = !is_wrong(&[Wrong::Class, Wrong::Refused, Wrong::Neighbour]);
                self.decidable += 1;
                self.class += usize::from(class);
                self.object += usize::from(class && !is_wrong(&[Wrong::Object]));
                self.loss += usize::from(class && !is_wrong(&[Wrong::Loss]));
            }
            Sort::Undecidable => {
                self.undecidable += 1;
                self.undecidable_right += usize::from(outcome.wrong.is_empty());
            }
            Sort::NotBlocked => {
                self.quiet += 1;
                self.quiet_right += usize::from(outcome.wrong.is_empty());
            }
        }
    }

    fn add(&mut self, other: &Self) {
        self.clusters += other.clusters;
        self.decidable += other.decidable;
        self.class += other.class;
        self.object += other.object;
        self.loss += other.loss;
        self.undecidable += other.undecidable;
        self.undecidable_right += other.undecidable_right;
        self.quiet += other.quiet;
        self.quiet_right += other.quiet_right;
    }

    fn line(&self, name: &str) -> String {
        let of = |right: usize, all: usize| {
            if all == 0 { "-".to_owned() } else { format!("{right}/{all}") }
        };
        format!(
            "{name:28} {:>8}  {:>8} {:>8} {:>8}  {:>11}  {:>11}",
            self.clusters,
            of(self.class, self.decidable),
            of(self.object, self.decidable),
            of(self.loss, self.decidable),
            of(self.undecidable_right, self.undecidable),
            of(self.quiet_right, self.quiet),
        )
    }
}

pub fn table(judged: &[(Case, Outcome)]) -> String {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for (case, outcome) in judged {
        rows.entry(case.folder()).or_default().count(case, outcome);
    }
    let mut total = Row::default();
    rows.values().for_each(|row| total.add(row));
    let mut text = format!(
        "\n{:28} {:>8}  {:>8} {:>8} {:>8}  {:>11}  {:>11}\n",
        "reported as", "clusters", "class", "object", "loss", "undecidable", "not blocked"
    );
    for (class, row) in &rows {
        writeln!(text, "{}", row.line(class)).expect("a String");
    }
    writeln!(text, "{}\n", total.line("all")).expect("a String");
    for (case, outcome) in judged.iter().filter(|(_, outcome)| !outcome.wrong.is_empty()) {
        text.push_str(&wrong(&case.name, case, outcome));
    }
    let share = |right: usize| {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred cases")]
        let share = 100.0 * right as f64 / total.decidable.max(1) as f64;
        share
    };
    writeln!(
        text,
        "\ndecidable: class {:.1} % (98 wanted), object {:.1} % (95), loss {:.1} % (95)",
        share(total.class),
        share(total.object),
        share(total.loss)
    )
    .expect("a String");
    text
}

/// What was expected and got.
pub fn wrong(name: &str, case: &Case, outcome: &Outcome) -> String {
    let wrong: Vec<String> = outcome.wrong.iter().map(ToString::to_string).collect();
    let (wrong, expected) = (wrong.join(", "), expected(case));
    format!("{name} wrong in {wrong}\n    expected {expected}\n    got      {}\n", outcome.got)
}

fn expected(case: &Case) -> String {
    let expect = &case.expect;
    match sort(case) {
        Sort::Decidable => {
            format!("{} {}, loss {}", expect.class.join("|"), expect.object.join("|"), expect.loss.join("|"))
        }
        Sort::Undecidable => format!("at most likely {}", expect.undecidable.join("|")),
        Sort::NotBlocked => {
            format!("no root, exit {:?}, {}", expect.exit, expect.verdict.as_deref().unwrap_or("any verdict"))
        }
    }
}
