//! The tables of docs/architecture.md, which are law.

use crate::tree;

/// What may stand in a cell beside names.
pub const EVERYTHING: &str = "everything";

/// A row: the names in its first cell, and those in its second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub of: Vec<String>,
    pub to: Vec<String>,
}

/// The table whose first head is this.
pub fn table(head: &str) -> Vec<Row> {
    let rows = read(&tree::file("docs/architecture.md").text, head);
    assert!(!rows.is_empty(), "docs/architecture.md has no table that begins with | {head} |");
    rows
}

fn read(text: &str, head: &str) -> Vec<Row> {
    let begin = format!("| {head} |");
    let lines = text.lines().skip_while(|line| !line.starts_with(&begin));
    lines.skip(2).take_while(|line| line.starts_with('|')).filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let mut cells = line.trim_matches('|').split(" | ");
    Some(Row { of: names(cells.next()?), to: names(cells.next()?) })
}

/// The words in backticks; `everything` needs none.
fn names(cell: &str) -> Vec<String> {
    if cell.trim() == EVERYTHING {
        return vec![EVERYTHING.to_owned()];
    }
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn a_table_is_read_to_its_end() {
    let text = "x\n| Room | May |\n| --- | --- |\n| `a` | nothing |\n| `b`, `c` | `a` |\n| `d` | everything |\n\n| `e` | `a` |";
    let row = |of: &[&str], to: &[&str]| Row {
        of: of.iter().map(ToString::to_string).collect(),
        to: to.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(read(text, "Room"), [row(&["a"], &[]), row(&["b", "c"], &["a"]), row(&["d"], &[EVERYTHING])]);
}
