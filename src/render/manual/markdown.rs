//! The manual as files: `docs/rules.md` is the index, `docs/classes` and `docs/finalizers` hold a page each. A test makes
//! them, so that none can go stale.

use super::pieces;
use crate::diagnose::manual;
use crate::diagnose::manual::Article;
use crate::diagnose::manual::Part;
use crate::diagnose::manual::Topic;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = "\
<!-- Made by a test from what `kubectl arc explain` prints. After a change: UPDATE_DOCS=1 cargo test docs -->

# The manual

What `kubectl arc why` can name as the root blocker, and what ARC writes on objects. `kubectl arc explain NAME` prints
the same on a terminal, without a cluster and without a network. [remedies.md](remedies.md) lists the ways out.

## Classes

The ids are part of the contract. They stand in the order of healing: what others stand on comes first.
";

/// The folders that hold a page for each name, and nothing else.
const FOLDERS: [&str; 2] = ["classes", "finalizers"];

/// Every file of the manual by its path below `docs`.
fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::from([("rules.md".to_owned(), index())]);
    for topic in manual::topics() {
        if let Some(path) = path(&topic) {
            let taken = files.insert(path.clone(), page(&topic.article(), matches!(topic, Topic::Class(_))));
            assert!(taken.is_none(), "two pages are {path}");
        }
    }
    files
}

/// Where the page of a name stands, below `docs`. Annotations and labels have a row of the index each and no page.
fn path(topic: &Topic) -> Option<String> {
    match topic {
        Topic::Class(class) => Some(format!("classes/{}.md", class.id())),
        Topic::Finalizer { row, .. } => Some(format!("finalizers/{}.md", file_name(row.name))),
        Topic::Foreign { row, .. } => Some(format!("finalizers/{}.md", file_name(row.pattern))),
        Topic::Mark(_) => None,
    }
}

/// A finalizer's name, or what a pattern of names has in common, as a name that every file system takes.
fn file_name(name: &str) -> String {
    name.trim_matches(['*', '/', '.'])
        .replace(|c: char| !c.is_ascii_alphanumeric() && !"-._".contains(c), "_")
}

fn index() -> String {
    let parts = manual::index();
    let mut text = HEAD.to_owned();
    for part in parts.iter().filter(|part| part.classes) {
        classes(&mut text, part);
    }
    finalizers(&mut text);
    marks(&mut text);
    text
}

fn classes(text: &mut String, part: &Part) {
    writeln!(text, "\n### {}\n", part.title).unwrap();
    row(text, &["Class", "The root blocker"]);
    row(text, &["---"; 2]);
    for entry in &part.entries {
        row(text, &[&linked(&entry.name, "classes/"), &entry.says]);
    }
}

/// The page of one name.
fn page(article: &Article, is_class: bool) -> String {
    let mut text = format!("# {}\n\n{}\n", article.title, article.summary);
    let folder = if is_class { "" } else { "../classes/" };
    for section in &article.sections {
        write!(text, "\n## {}\n\n{}\n", section.heading, linked(&section.body, folder)).unwrap();
    }
    if is_class {
        let title = &article.title;
        write!(text, "\n## Ways out\n\n[What `why` offers and `unblock` does](../remedies.md#{title}).\n")
            .unwrap();
    }
    text.push_str("\n## Read in\n\n");
    for source in &article.sources {
        writeln!(text, "- `{source}`").unwrap();
    }
    write!(text, "\n[All pages](../rules.md). On a terminal: `kubectl arc explain {}`.\n", article.title)
        .unwrap();
    text
}

fn finalizers(text: &mut String) {
    text.push_str("\n## Finalizers\n\n");
    row(text, &["Finalizer", "On", "Taken off by", "Which waits for", "Versions"]);
    row(text, &["---"; 5]);
    let topics = manual::topics();
    for topic in &topics {
        let Topic::Finalizer { row: finalizer, .. } = topic else { continue };
        let on = manual::found_on(finalizer);
        let name = name(topic, finalizer.name);
        row(text, &[&name, &on, finalizer.removed_by, finalizer.waits_for, finalizer.versions]);
    }
    text.push_str("\n### Finalizers of others\n\n");
    row(text, &["Finalizer", "Owner", "What is at stake", "Outside the cluster, money or data"]);
    row(text, &["---"; 4]);
    for topic in &topics {
        let Topic::Foreign { row: foreign, .. } = topic else { continue };
        let precious = if foreign.precious { "yes" } else { "no" };
        row(text, &[&name(topic, foreign.pattern), foreign.owner, foreign.protects, precious]);
    }
}

/// A name as a link to its page.
fn name(topic: &Topic, name: &str) -> String {
    path(topic).map_or_else(|| format!("`{name}`"), |path| format!("[`{name}`]({path})"))
}

fn marks(text: &mut String) {
    text.push_str("\n## Annotations and labels\n\n");
    row(text, &["Key", "Sort", "On", "Meaning", "Versions"]);
    row(text, &["---"; 5]);
    for topic in manual::topics() {
        let Topic::Mark(mark) = topic else { continue };
        row(text, &[&format!("`{}`", mark.key), mark.sort, mark.on, mark.means, mark.versions]);
    }
}

fn row(text: &mut String, cells: &[&str]) {
    writeln!(text, "| {} |", cells.join(" | ")).unwrap();
}

/// A text in which the names of classes are links to their pages in a folder.
fn linked(body: &str, folder: &str) -> String {
    let link = |(piece, is_class): (&str, bool)| {
        if is_class { format!("[{piece}]({folder}{piece}.md)") } else { piece.to_owned() }
    };
    pieces(body).into_iter().map(link).collect()
}

#[test]
fn the_docs_say_what_the_manual_says() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let files = files();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        for folder in FOLDERS {
            // What is gone from the manual goes from the folder as well.
            let _ = std::fs::remove_dir_all(docs.join(folder));
            std::fs::create_dir_all(docs.join(folder)).unwrap();
        }
        for (path, text) in &files {
            std::fs::write(docs.join(path), text).unwrap();
        }
    }
    for (path, text) in &files {
        let file = std::fs::read_to_string(docs.join(path)).unwrap_or_default();
        assert!(&file == text, "docs/{path} is stale: UPDATE_DOCS=1 cargo test docs");
    }
    for folder in FOLDERS {
        for entry in std::fs::read_dir(docs.join(folder)).unwrap() {
            let path = format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap());
            assert!(files.contains_key(&path), "docs/{path} is nobody's page: UPDATE_DOCS=1 cargo test docs");
        }
    }
}
