//! What a page says, in parts that can be laid out: for the terminal and for the documentation alike.

use super::page;
use super::topic::Topic;
use crate::arc::ForeignRow;
use crate::arc::finalizers::FinalizerRow;
use crate::arc::marks::MarkRow;
use crate::diagnose::report::Class;

/// A page of the manual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// The name that it is about.
    pub title: String,
    /// One sentence.
    pub summary: String,
    pub sections: Vec<Section>,
    /// Where to read on, one place each.
    pub sources: Vec<&'static str>,
}

/// A headed paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub heading: &'static str,
    pub body: String,
}

impl Topic {
    /// The page of a topic.
    pub fn article(&self) -> Article {
        match self {
            Self::Class(class) => of_class(*class),
            Self::Finalizer { row, whose } => of_finalizer(row, whose),
            Self::Foreign { name, row } => of_foreign(name, row),
            Self::Mark(row) => of_mark(row),
        }
    }
}

fn of_class(class: Class) -> Article {
    let page = page(class);
    Article {
        title: class.id().to_owned(),
        summary: sentence(page.summary),
        sections: vec![
            Section { heading: "What it finds", body: page.finds.to_owned() },
            Section { heading: "Why it blocks", body: page.why_it_blocks.to_owned() },
            Section { heading: "How to tell it from its neighbours", body: page.neighbours.to_owned() },
            Section { heading: "What to do", body: page.what_to_do.to_owned() },
            Section { heading: "What it costs", body: page.cost.to_owned() },
        ],
        sources: page.sources.to_vec(),
    }
}

fn of_finalizer(row: &FinalizerRow, whose: &str) -> Article {
    Article {
        title: row.name.to_owned(),
        summary: format!("A finalizer of {whose}, on {}.", found_on(row)),
        sections: sections([
            ("Who puts it there", row.added_by),
            ("Who takes it off", row.removed_by),
            ("What that waits for", row.waits_for),
            ("What is lost if it is taken off by hand", row.lost_by_hand),
            ("Good to know", row.note),
            ("Versions", row.versions),
        ]),
        sources: row.source.split(", ").collect(),
    }
}

/// `EphemeralRunner and EphemeralRunnerSet`, or what the row says.
pub fn found_on(row: &FinalizerRow) -> String {
    let kinds: Vec<&str> = row.on.iter().map(|kind| kind.kind.as_ref()).collect();
    if kinds.is_empty() { row.found_on.to_owned() } else { kinds.join(" and ") }
}

fn of_foreign(name: &str, row: &ForeignRow) -> Article {
    let precious = if row.precious {
        "Leave it to its owner: what is at stake lies outside the cluster, costs money, or is data. Only if the \
         owner is gone for good, and you have seen to that, take this one finalizer off. The page foreign-finalizer \
         tells how to find the owner."
    } else {
        "Find out first why its owner does not act; the page foreign-finalizer tells how. Only if the owner is gone \
         for good, take this one finalizer off."
    };
    let family = if row.pattern == name { String::new() } else { format!("All that match {}.", row.pattern) };
    Article {
        title: name.to_owned(),
        summary: format!("A finalizer that is not ARC's. It belongs to {}.", row.owner),
        sections: sections([
            ("What is at stake", row.protects),
            ("What to do", precious),
            ("Names", &family),
        ]),
        sources: vec![row.source],
    }
}

fn of_mark(row: &MarkRow) -> Article {
    let article = if row.sort.starts_with(['a', 'e', 'i', 'o', 'u']) { "An" } else { "A" };
    Article {
        title: row.key.to_owned(),
        summary: format!("{article} {}, on {}.", row.sort, row.on),
        sections: sections([("What it means", row.means), ("Versions", row.versions)]),
        sources: vec![row.source],
    }
}

fn sections<const N: usize>(parts: [(&'static str, &str); N]) -> Vec<Section> {
    let said = parts.into_iter().filter(|(_, body)| !body.is_empty());
    said.map(|(heading, body)| Section { heading, body: sentence(body) }).collect()
}

/// With a capital and a stop, where the tables have a clause.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let text: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    if text.ends_with('.') { text } else { text + "." }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_becomes_a_sentence_and_a_sentence_stays_one() {
        assert_eq!(sentence("the controller"), "The controller.");
        assert_eq!(sentence("None."), "None.");
        assert_eq!(sentence("0.4.0 and later"), "0.4.0 and later.");
    }
}
