//! Ways out: the gentlest in full, the others by name and price.

use super::Page;
use super::fold;
use super::fold::Group;
use super::place;
use super::words;
use crate::diagnose::Action;
use crate::diagnose::Applicability;
use crate::diagnose::Loss;
use crate::diagnose::Remedy;
use crate::diagnose::Root;
use crate::render::span::Label;
use crate::render::span::Phrase;
use std::collections::BTreeSet;

/// How many of the commands of alike roots are printed; those of one root are never parted.
const COMMANDS: usize = 8;
/// How many of the things that stay behind are printed; all of one root always are.
const LEAVES: usize = 8;

pub fn write(page: &mut Page, indent: usize, group: &Group) {
    let Some(first) = group.roots.first() else { return };
    page.text.gap();
    if first.remedies.is_empty() {
        page.block(indent, &Phrase::of(Label::Heading, "Way out").plain(": none is known for this one."));
    }
    for (i, remedy) in first.remedies.iter().enumerate() {
        match i {
            0 => in_full(page, indent, "Way out", group, i),
            _ if page.style.verbose => {
                page.text.gap();
                in_full(page, indent, "Or", group, i);
            }
            _ => {
                if i == 1 {
                    page.text.gap();
                    let others = &first.remedies[1..];
                    let title = if others.len() > 1 { "Other ways" } else { "Another way" };
                    let commands = others.iter().any(|other| !other.actions.is_empty());
                    let aside = if commands { " (-v prints the commands)" } else { "" };
                    page.block(indent, &Phrase::of(Label::Heading, title).with(Label::Dim, aside));
                }
                in_short(page, indent + 2, remedy, &leaves_of(&alike(group, i)));
            }
        }
    }
}

/// Alike roots have the same remedies in the same order.
fn alike<'a>(group: &Group<'a>, i: usize) -> Vec<&'a Remedy> {
    group.roots.iter().filter_map(|root| root.remedies.get(i)).collect()
}

fn in_short(page: &mut Page, indent: usize, remedy: &Remedy, leaves: &[&str]) {
    let cost = words::cost_in_short(remedy.loss);
    let line =
        Phrase::of(Label::Strong, remedy.id).plain(" (").with(cost_label(remedy.loss), cost).plain("): ");
    let mut line = line.plain(words::sentence(&remedy.title));
    match leaves {
        [] => {}
        // No final stop: it would become part of the address.
        [leaf] => line = line.plain(" Stays behind: ").plain(leaf),
        leaves => line = line.plain(format!(" Stays behind: {}, and {} more", leaves[0], leaves.len() - 1)),
    }
    page.say(indent, &line);
}

fn in_full(page: &mut Page, indent: usize, heading: &str, group: &Group, i: usize) {
    let alike = alike(group, i);
    let Some(remedy) = alike.first() else { return };
    let title = Phrase::of(Label::Heading, heading)
        .with(Label::Dim, format!(" ({})", remedy.id))
        .plain(": ")
        .with(Label::Strong, words::sentence(&remedy.title));
    page.say(indent, &title);
    let something_stays = alike.iter().any(|remedy| !remedy.leaves.is_empty());
    let cost = match remedy.loss {
        Loss::None if something_stays => "It costs nothing. What it leaves behind stands below.",
        loss => words::cost(loss),
    };
    let mut price = Phrase::of(cost_label(remedy.loss), cost);
    match remedy.applicability {
        Applicability::Automatic => {}
        Applicability::NeedsValue if asks_for_a_value(remedy) => {
            price = price.plain(" It needs a value that only you have.");
        }
        Applicability::NeedsValue => {
            price = price.plain(" It is left to you: not all that it takes is in the cluster.");
        }
        Applicability::Manual => price = price.plain(" It is done by hand, or outside the cluster."),
    }
    page.block(indent + 2, &price);
    commands(page, indent + 4, group, i);
    leaves(page, indent + 2, &alike);
}

/// True if its commands cannot be run as they stand.
fn asks_for_a_value(remedy: &Remedy) -> bool {
    remedy.commands().iter().any(|command| {
        let placeholder = command.split_once('<').is_some_and(|(_, rest)| rest.contains('>'));
        placeholder || command.contains("${")
    })
}

fn cost_label(loss: Loss) -> Label {
    match loss {
        Loss::None => Label::Good,
        Loss::Reversible => Label::Plain,
        Loss::Registration => Label::Warn,
        Loss::Job | Loss::Data => Label::Danger,
    }
}

fn commands(page: &mut Page, indent: usize, group: &Group, i: usize) {
    let most = if page.style.verbose { usize::MAX } else { COMMANDS };
    let (shown, all) = whole(group, i, most);
    if shown.is_empty() {
        return;
    }
    page.text.gap();
    // Whoever pastes them should know it before.
    if shown.len() < all {
        let cut = format!("# {} of {all} such commands; -v prints them all", shown.len());
        page.say(indent, &Phrase::of(Label::Dim, cut));
    }
    for command in &shown {
        page.copy(indent, command);
    }
}

/// The commands to print, and how many there are in all. Beyond so many, roots are left out whose commands are all of a
/// kind that is printed already; half of what one root needs would be worse than nothing.
fn whole(group: &Group, i: usize, most: usize) -> (Vec<String>, usize) {
    let (mut shown, mut all, mut kinds) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for root in &group.roots {
        let Some(remedy) = root.remedies.get(i) else { continue };
        let own: Vec<String> = remedy.actions.iter().map(|action| kind(root, action)).collect();
        let mut new = remedy.commands();
        new.retain(|command| !shown.contains(command));
        all.extend(remedy.commands());
        if shown.len() + new.len() <= most || !own.iter().all(|kind| kinds.contains(kind)) {
            kinds.extend(own);
            shown.extend(new);
        }
    }
    (shown, all.len())
}

/// The command without what differs from object to object.
fn kind(root: &Root, action: &Action) -> String {
    let mut names = BTreeSet::from([root.object.id.name.as_str()]);
    names.extend(action.changes().map(|id| id.name.as_str()));
    match action {
        Action::Patch(patch) => names.extend([patch.uid.as_str()]),
        Action::Delete(deletion) => names.extend([deletion.uid.as_str()]),
        Action::Create(_) | Action::Command(_) => {}
    }
    fold::without(&action.command(), &names)
}

fn leaves(page: &mut Page, indent: usize, alike: &[&Remedy]) {
    let all = leaves_of(alike);
    if all.is_empty() {
        return;
    }
    let own = alike.first().map_or(0, |remedy| remedy.leaves.len());
    let shown = if page.style.verbose { all.len() } else { all.len().min(own.max(LEAVES)) };
    page.text.gap();
    page.block(indent, &Phrase::of(Label::Warn, "What stays behind"));
    for leaf in &all[..shown] {
        page.say(indent + 2, &Phrase::new().plain(leaf));
    }
    if shown < all.len() {
        let more = format!("{} more; -v names them", all.len() - shown);
        page.say(indent + 2, &Phrase::of(Label::Dim, more));
    }
    let pages = unique_pages(&all);
    if !pages.is_empty() {
        page.block(indent, &Phrase::new().plain("To be removed there:"));
        for address in pages {
            page.copy(indent + 2, &address);
        }
    }
}

fn leaves_of<'a>(alike: &[&'a Remedy]) -> Vec<&'a str> {
    unique(alike.iter().flat_map(|remedy| &remedy.leaves).map(|leaf| leaf.text.as_str()))
}

fn unique<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for text in texts {
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

fn unique_pages(leaves: &[&str]) -> Vec<String> {
    let mut pages: Vec<String> = leaves.iter().filter_map(|leaf| place::settings_page(leaf)).collect();
    pages.sort();
    pages.dedup();
    pages
}
