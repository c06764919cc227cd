//! Roots that tell the same story of another object are told once.

use crate::diagnose::Action;
use crate::diagnose::Diagnosis;
use crate::diagnose::Reference;
use crate::diagnose::Remedy;
use crate::diagnose::Root;
use std::collections::BTreeSet;

/// Roots that differ by their object alone.
pub struct Group<'a> {
    /// At least one, in healing order.
    pub roots: Vec<&'a Root>,
    /// Their indices in the document.
    pub indices: Vec<usize>,
}

impl Group<'_> {
    /// The objects of all roots of the group, those of deadlocks included.
    pub fn objects(&self) -> impl Iterator<Item = &Reference> {
        self.roots.iter().flat_map(|root| root.members.iter().chain([&root.object]))
    }

    pub fn has(&self, reference: &Reference) -> bool {
        self.objects().any(|object| object.id == reference.id)
    }
}

/// The roots in healing order, alike ones together.
pub fn groups<'a>(diagnosis: &Diagnosis, roots: &'a [Root]) -> Vec<Group<'a>> {
    let mut groups: Vec<(String, Group<'a>)> = Vec::new();
    for (index, root) in roots.iter().enumerate() {
        let story = story(diagnosis, root);
        match groups.iter_mut().find(|(known, _)| *known == story) {
            Some((_, group)) => {
                group.roots.push(root);
                group.indices.push(index);
            }
            None => groups.push((story, Group { roots: vec![root], indices: vec![index] })),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// What is told about a root, with its own names taken out. A deadlock is a story of its own.
fn story(diagnosis: &Diagnosis, root: &Root) -> String {
    let own = &root.object.id;
    let deadlock: Vec<&str> = root.members.iter().map(|member| member.id.name.as_str()).collect();
    let mut names = names(diagnosis, root);
    names.insert(&own.kind.kind);
    let message = without(&root.message, &names);
    let remedies: Vec<String> = root.remedies.iter().map(|remedy| way(remedy, &names)).collect();
    format!(
        "{} {} {} {message} {remedies:?} {deadlock:?}",
        root.class.id(),
        own.namespace,
        root.certainty.word()
    )
}

/// What is told about a way out, with these names and those of what it changes taken out: one that costs more, or begins
/// with something to wait for, is another one.
fn way(remedy: &Remedy, names: &BTreeSet<&str>) -> String {
    let changed = remedy.actions.iter().filter_map(Action::changes);
    let names = names.iter().copied().chain(changed.map(|id| id.name.as_str())).collect();
    let title = without(&remedy.title, &names);
    format!("{} {:?} {:?} {title}", remedy.id, remedy.loss, remedy.applicability)
}

/// The names that may differ between alike roots: the object's own, and those of what waits for it alone.
fn names<'a>(diagnosis: &'a Diagnosis, root: &'a Root) -> BTreeSet<&'a str> {
    let waiting = diagnosis
        .targets
        .iter()
        .flat_map(|target| &target.path)
        .filter(|step| step.waits_for.id == root.object.id)
        .map(|step| step.object.id.name.as_str());
    waiting.chain([root.object.id.name.as_str()]).collect()
}

/// The text with each of the names, longest first, made a mark.
pub fn without(text: &str, names: &BTreeSet<&str>) -> String {
    let mut names: Vec<&str> = names.iter().copied().filter(|name| !name.is_empty()).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.iter().fold(text.to_owned(), |text, name| text.replace(name, "\u{0}"))
}
