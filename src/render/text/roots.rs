//! The root blockers: each in one sentence, how the targets come to wait for them, how we know, the ways out.

use super::Page;
use super::evidence;
use super::fold;
use super::fold::Group;
use super::remedy;
use super::tree;
use super::words;
use crate::diagnose::Certainty;
use crate::diagnose::Evidence;
use crate::diagnose::Reference;
use crate::diagnose::Root;
use crate::diagnose::Verdict;
use crate::model::ObjectId;
use crate::name;
use crate::render::span::Label;
use crate::render::span::Phrase;
use std::collections::BTreeSet;

/// How many of the folded objects are named.
const NAMED: usize = 4;

pub fn write(page: &mut Page, groups: &[Group]) {
    match groups {
        [] => {
            // Without a root the way is all that is known.
            if page.diagnosis.summary.verdict == Verdict::Unknown {
                tree::write(page, groups);
            }
        }
        [group] => {
            page.text.gap();
            page.block(0, &Phrase::of(Label::Heading, "Root blocker: ").then(class(group.roots[0])));
            sentence(page, 2, group);
            let drawn = tree::write(page, groups);
            also_blocks(page, 2, group, &drawn);
            page.heading("How we know");
            proof(page, 2, group);
            remedy::write(page, 0, group);
            manual(page, 0, group.roots[0]);
        }
        groups => {
            page.heading(&format!("{} root blockers, in the order to fix them", groups.len()));
            for (i, group) in groups.iter().enumerate() {
                page.say(0, &Phrase::of(Label::Heading, format!("{}. ", i + 1)).then(class(group.roots[0])));
                sentence(page, 3, group);
            }
            let drawn = tree::write(page, groups);
            for (i, group) in groups.iter().enumerate() {
                page.text.gap();
                page.say(0, &Phrase::of(Label::Heading, format!("{}. ", i + 1)).then(class(group.roots[0])));
                also_blocks(page, 3, group, &drawn);
                page.block(3, &Phrase::of(Label::Heading, "How we know"));
                proof(page, 5, group);
                remedy::write(page, 3, group);
                manual(page, 3, group.roots[0]);
            }
        }
    }
}

/// What is worth knowing although it blocks nothing.
pub fn notices(page: &mut Page) {
    let diagnosis = page.diagnosis;
    if diagnosis.notices.is_empty() {
        return;
    }
    page.heading("Worth knowing (blocks nothing)");
    for group in fold::groups(diagnosis, &diagnosis.notices) {
        page.block(2, &Phrase::of(Label::Warn, group.roots[0].class.id()));
        sentence(page, 4, &group);
        if page.style.verbose {
            proof(page, 6, &group);
        }
        if !group.roots[0].remedies.is_empty() {
            remedy::write(page, 4, &group);
        }
        page.text.gap();
    }
}

fn class(root: &Root) -> Phrase {
    let certainty = match root.certainty {
        Certainty::Proven => " (proven)",
        Certainty::Likely => " (likely)",
    };
    Phrase::of(Label::Danger, root.class.id()).plain(certainty)
}

/// The message of the first, and who else is meant.
fn sentence(page: &mut Page, indent: usize, group: &Group) {
    page.block(indent, &Phrase::of(Label::Strong, words::sentence(&group.roots[0].message)));
    let kind = &group.roots[0].object.id.kind;
    let mixed = group.roots.iter().any(|root| root.object.id.kind != *kind);
    let name = |root: &&Root| match mixed {
        true => format!("{} {}", words::kind(&root.object.id.kind.kind), words::name(&root.object)),
        false => words::name(&root.object),
    };
    let rest: Vec<String> = group.roots[1..].iter().map(name).collect();
    if rest.is_empty() {
        return;
    }
    let line = Phrase::new().plain(format!("And {} more like this: ", rest.len()));
    let names = few(&rest, page.style.verbose);
    page.say(indent, &line.with(Label::Object, names).plain("."));
}

/// Some names; all if that is wanted or they are few.
pub fn few(names: &[String], verbose: bool) -> String {
    if verbose || names.len() <= NAMED + 1 {
        return names.join(", ");
    }
    format!("{}, and {} more (-v names them)", names[..NAMED].join(", "), names.len() - NAMED)
}

/// What waits for it but is not on the way from the targets.
fn also_blocks(page: &mut Page, indent: usize, group: &Group, drawn: &BTreeSet<ObjectId>) {
    let mut seen: BTreeSet<&ObjectId> = BTreeSet::new();
    let others: Vec<&Reference> = group
        .roots
        .iter()
        .flat_map(|root| &root.blocks)
        .filter(|object| !drawn.contains(&object.id) && !group.has(object) && seen.insert(&object.id))
        .collect();
    if others.is_empty() {
        return;
    }
    page.say(
        indent,
        &Phrase::new().plain(format!("It also holds up {}.", words::kinds(others.iter().copied()))),
    );
    if page.style.verbose {
        for other in others {
            let line = words::object(other);
            page.say(indent + 2, &line);
        }
    }
}

fn proof(page: &mut Page, indent: usize, group: &Group) {
    let roots = if page.style.verbose { &group.roots[..] } else { &group.roots[..1] };
    let pieces: Vec<&Evidence> = roots.iter().flat_map(|root| &root.evidence).collect();
    evidence::write(page, indent, &pieces);
}

fn manual(page: &mut Page, indent: usize, root: &Root) {
    page.text.gap();
    page.block(indent, &Phrase::new().plain("The manual page of this class:"));
    page.copy(indent + 4, &name::command(&format!("explain {}", root.class.id())));
}
