//! kubectl's flags on the real API server, ours and kubectl's own side by side: docs/kubectl-flags.md is the table.

mod bench;
mod habits;
mod shows;
mod table;
mod ways;
mod who;

use crate::Outcome;
use crate::house::House;

use bench::Bench;
use table::Row;
use table::Taken;

/// A check that rows of the table name.
type Check = (&'static str, fn(&Bench) -> Outcome<()>);

fn checks() -> impl Iterator<Item = Check> {
    let lists = [ways::CHECKS, who::CHECKS, habits::CHECKS, shows::CHECKS];
    lists.into_iter().flatten().copied()
}

/// What refuses the flags that are not taken.
const REFUSED: &str = "refused";

/// Compares the table with kubectl, and does every check of it on one cluster.
pub fn play(house: &House) -> Outcome<()> {
    let bin = house.bin()?;
    let document = table::document()?;
    let rows = table::rows(&document)?;
    let mut wrong = table::missing(&bin, &rows)?;
    wrong.extend(unchecked(&document, &rows));
    let _entry = house.enter(1);
    let bench = Bench::start(&bin)?;
    for row in rows.iter().filter(|row| row.taken == Taken::No) {
        wrong.extend(refused(&bench, row).err());
    }
    for (name, check) in checks() {
        wrong.extend(check(&bench).err().map(|error| format!("{name}: {error}")));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Rows whose check is not there, and checks that the document does not name.
fn unchecked(document: &str, rows: &[Row]) -> Vec<String> {
    let is_there = |check: &str| check == REFUSED || checks().any(|(name, _)| name == check);
    let lost =
        rows.iter().filter(|row| !is_there(&row.check) || (row.check == REFUSED) != (row.taken == Taken::No));
    let mut wrong: Vec<String> =
        lost.map(|row| format!("{}: {:?} is no check for it", row.flags.join(" "), row.check)).collect();
    let idle = checks().filter(|(name, _)| !document.contains(&format!("`{name}`")));
    wrong.extend(idle.map(|(name, _)| format!("the document does not name the check {name:?}")));
    wrong
}

/// A flag that is not taken is refused by its name, and nothing is asked.
fn refused(bench: &Bench, row: &Row) -> Outcome<()> {
    for flag in &row.flags {
        bench::refused(&mut bench.ours(&["why", flag]), 2, &[flag, "unexpected argument"])?;
    }
    Ok(())
}
