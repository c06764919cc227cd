//! The direction of imports between rooms.

use crate::expect_none;
use crate::table;
use crate::table::EVERYTHING;
use crate::table::Row;
use crate::tree;
use crate::tree::Source;

fn check(source: &Source, table: &[Row]) -> Vec<String> {
    let room = source.room();
    let Some(row) = table.iter().find(|row| row.of.iter().any(|name| name == room)) else {
        return vec![format!(
            "{}: the room `{room}` has no row in docs/architecture.md, \"Direction of imports\"; give it one",
            source.path
        )];
    };
    let allowed =
        |other: &str| other == room || row.to.iter().any(|name| name == other || name == EVERYTHING);
    let mut findings = Vec::new();
    for at in source.code.find("crate::") {
        let other = source.code.word(at + "crate::".len());
        if other.is_empty() {
            findings.push(format!("{}: one `use` for each name, no braces after crate::", source.at(at)));
        } else if !allowed(&other) {
            findings.push(format!(
                "{}: `{room}` may not know `{other}`; pass what is needed in as an argument, or move it down",
                source.at(at)
            ));
        }
    }
    for at in source.code.find("pub use crate::") {
        let other = source.code.word(at + "pub use crate::".len());
        if other != room && allowed(&other) {
            findings.push(format!(
                "{}: `{room}` re-exports what belongs to `{other}`; let others import it from there",
                source.at(at)
            ));
        }
    }
    for at in escapes(source) {
        findings.push(format!("{}: super:: leads out of the room; write crate::", source.at(at)));
    }
    findings
}

/// Where `super::super::…` climbs as far as the root of the crate.
fn escapes(source: &Source) -> Vec<usize> {
    let folders = source.path.matches('/').count() - 1;
    let depth = if source.path.ends_with("/mod.rs") { folders } else { folders + 1 };
    let chain = "super::".repeat(depth);
    if source.path == "src/main.rs" { Vec::new() } else { source.code.find(&chain) }
}

#[test]
fn rooms_import_downwards_only() {
    let table = table::table("Room | May import");
    let findings: Vec<String> = tree::product().iter().flat_map(|source| check(source, &table)).collect();
    expect_none("Rooms import downwards only (docs/architecture.md, \"Direction of imports\").", &findings);
}

#[test]
fn every_row_has_its_room() {
    let product = tree::product();
    let is_there = |name: &String| product.iter().any(|source| source.room() == name);
    for row in table::table("Room | May import") {
        for name in row.of.iter().chain(&row.to).filter(|name| *name != EVERYTHING) {
            assert!(
                is_there(name),
                "docs/architecture.md speaks of `{name}`, and there is no such room in src"
            );
        }
    }
}

#[test]
fn a_wrong_import_is_found() {
    let names = |words: &[&str]| words.iter().map(ToString::to_string).collect();
    let table = [Row { of: names(&["graph"]), to: names(&["model"]) }];
    let found = |path: &str, text: &str| check(&Source::of(path, text), &table);
    assert_eq!(
        found("src/graph/mod.rs", "use crate::model::Object; use crate::graph::cycles;"),
        [] as [&str; 0]
    );
    assert_eq!(
        found("src/graph/a.rs", "// crate::arc\nuse super::b; let x = \"crate::arc\";"),
        [] as [&str; 0]
    );
    assert_eq!(found("src/graph/mod.rs", "#[cfg(test)]\nmod t { use crate::arc; }"), [] as [&str; 0]);
    let wrong = [
        ("src/graph/a.rs", "\nuse crate::arc;", ":2: `graph` may not know `arc`"),
        ("src/graph.rs", "fn f() { crate::ui::print() }", ":1: `graph` may not know `ui`"),
        ("src/graph/a.rs", "use crate::{model, arc};", "no braces"),
        ("src/graph/a.rs", "pub use crate::model::Object;", "re-exports"),
        ("src/graph/a.rs", "use super::super::arc;", "leads out"),
        ("src/graph/mod.rs", "use super::arc;", "leads out"),
        ("src/attic/mod.rs", "", "has no row"),
    ];
    for (path, text, says) in wrong {
        let findings = found(path, text);
        assert!(findings.len() == 1 && findings[0].contains(says), "{path} {text}: {findings:?}");
    }
}
