//! The manual as `docs/rules.md`. A test makes the file, so that it cannot go stale.

use super::pieces;
use crate::diagnose::manual;
use crate::diagnose::manual::Article;
use crate::diagnose::manual::Part;
use crate::diagnose::manual::Topic;
use std::fmt::Write;

const HEAD: &str = "\
<!-- Made by a test from what `kubectl arc explain` prints. After a change: UPDATE_DOCS=1 cargo test docs -->

# The manual

What `kubectl arc why` can name as the root blocker, and what ARC writes on objects. `kubectl arc explain NAME` prints
the same on a terminal, without a cluster and without a network.

## Classes

The ids are part of the contract. They stand in the order of healing: what others stand on comes first.

| Class | The root blocker |
| --- | --- |
";

/// The whole document.
fn document() -> String {
    let parts = manual::index();
    let classes: Vec<&Part> = parts.iter().filter(|part| part.classes).collect();
    let mut text = HEAD.to_owned();
    for entry in classes.iter().flat_map(|part| &part.entries) {
        row(&mut text, &[&linked(&entry.name), &entry.says]);
    }
    for part in classes {
        writeln!(text, "\n## {}", part.title).unwrap();
        for entry in &part.entries {
            class(&mut text, &manual::find(&entry.name).unwrap().article());
        }
    }
    finalizers(&mut text);
    marks(&mut text);
    text
}

fn class(text: &mut String, article: &Article) {
    writeln!(text, "\n### {}\n\n{}", article.title, article.summary).unwrap();
    for section in &article.sections {
        writeln!(text, "\n**{}.** {}", section.heading, linked(&section.body)).unwrap();
    }
    let sources: Vec<String> = article.sources.iter().map(|source| format!("`{source}`")).collect();
    writeln!(text, "\n**Read in:** {}", sources.join(", ")).unwrap();
}

fn finalizers(text: &mut String) {
    text.push_str("\n## Finalizers\n\n");
    row(
        text,
        &["Finalizer", "On", "Taken off by", "Which waits for", "Lost if taken off by hand", "Versions"],
    );
    row(text, &["---"; 6]);
    let topics = manual::topics();
    let mut notes = Vec::new();
    for topic in &topics {
        let Topic::Finalizer { row: finalizer, .. } = topic else { continue };
        let name = format!("`{}`", finalizer.name);
        let lost = finalizer.lost_by_hand;
        let on = manual::found_on(finalizer);
        row(text, &[&name, &on, finalizer.removed_by, finalizer.waits_for, lost, finalizer.versions]);
        if !finalizer.note.is_empty() {
            notes.push(format!("- {name}: {}\n", finalizer.note));
        }
    }
    text.push_str("\nGood to know:\n\n");
    text.extend(notes);
    text.push_str("\n### Finalizers of others\n\n");
    row(text, &["Finalizer", "Owner", "What is at stake", "Outside the cluster, money or data"]);
    row(text, &["---"; 4]);
    for topic in &topics {
        let Topic::Foreign { row: foreign, .. } = topic else { continue };
        let precious = if foreign.precious { "yes" } else { "no" };
        row(text, &[&format!("`{}`", foreign.pattern), foreign.owner, foreign.protects, precious]);
    }
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

/// A text in which the names of classes are links to their pages.
fn linked(body: &str) -> String {
    let link = |(piece, is_class): (&str, bool)| {
        if is_class { format!("[{piece}](#{piece})") } else { piece.to_owned() }
    };
    pieces(body).into_iter().map(link).collect()
}

#[test]
fn the_docs_say_what_the_manual_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules.md");
    let document = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &document).unwrap();
    }
    let file = std::fs::read_to_string(path).unwrap_or_default();
    assert!(file == document, "docs/rules.md is stale: UPDATE_DOCS=1 cargo test docs");
}
