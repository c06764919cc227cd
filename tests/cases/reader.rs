//! A user who has exactly the documented role is told what everybody else is told, and needs all of it.

use crate::answer;
use crate::api::Api;
use crate::api::Right;
use crate::api::Role;
use crate::api::World;
use crate::case;
use crate::case::Case;
use crate::judged;
use crate::run;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const ROLES: &[&str] = &["why.yaml"];

/// The cluster of a case or an example, and what is asked about it.
fn asked(text: &str, words: &[&str]) -> Result<BTreeSet<Right>, String> {
    let api = Api::of(World::of_text(text).with_roles(ROLES));
    let reader = run::done(api.command(run::BINARY).args(words), "");
    let rights: BTreeSet<Right> = api.asked().iter().filter_map(Right::taken).collect();
    let free = Api::of(World::of_text(text));
    let anybody = run::done(free.command(run::BINARY).args(words), "");
    let given = Role::documented(ROLES).0;
    let lacking: Vec<&Right> = rights.difference(&given).collect();
    if !lacking.is_empty() {
        return Err(format!("{words:?} takes what the role does not give: {lacking:?}"));
    }
    match (reader.code, &reader.stdout) == (anybody.code, &anybody.stdout) {
        true => Ok(rights),
        false => Err(format!("{words:?}: {}\nand by anybody: {}", reader.stdout, anybody.stdout)),
    }
}

fn of_case(case: &Case) -> Result<BTreeSet<Right>, String> {
    let text = case.snapshot()?;
    let mut words: Vec<&str> = vec!["why", "-o", "json"];
    words.extend(answer::question(case).into_iter().skip(5));
    let mut rights = asked(&text, &words).map_err(|problem| format!("{}: {problem}", case.name))?;
    rights.extend(asked(&text, &["why", "-o", "json", "-A"])?);
    Ok(rights)
}

/// Every case and example, live, each asked as the case asks and about everything.
#[test]
fn the_documented_role_is_enough_and_no_more() {
    let mut taken: BTreeSet<Right> =
        judged(case::all(), of_case).into_iter().flat_map(|(_, rights)| rights).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in fs::read_dir(folder).expect("the examples") {
        let path = entry.expect("an example").path();
        if path.extension().is_some_and(|end| end == "yaml") {
            let text = fs::read_to_string(&path).expect("an example");
            taken.extend(
                asked(&text, &["why", "-o", "json", "-A"]).unwrap_or_else(|problem| panic!("{problem}")),
            );
        }
    }
    let idle: Vec<Right> = Role::documented(ROLES).0.difference(&taken).cloned().collect();
    assert_eq!(idle, [], "no question takes this");
}
