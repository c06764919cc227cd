//! A user who has exactly the documented role is told what everybody else is told, and needs all of it.

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
/// A TARGET of another kind takes a right of its own.
const OF_TARGETS: &[&str] = &["helm.toolkit.fluxcd.io"];

/// Asks a cluster as the reader, who is refused what the role does not give. What the question took.
fn asked(text: &str, words: &[&str]) -> Result<BTreeSet<Right>, String> {
    let mut world = World::of_text(text).with_roles(ROLES);
    if world.reviews.is_empty() {
        // Nobody recorded what the authorizer would say: it is worked out from Roles and bindings.
        world.refuse("authorization.k8s.io/v1", "SubjectAccessReview", "*", "forbidden");
    }
    let api = Api::of(world);
    let reader = run::done(api.command(run::BINARY).args(["why", "-o", "json"]).args(words), "");
    let mut taken: BTreeSet<Right> = api.asked().iter().filter_map(Right::taken).collect();
    taken.retain(|right| !OF_TARGETS.contains(&right.group.as_str()));
    let given = Role::documented(ROLES).0;
    let lacking: Vec<&Right> = taken.difference(&given).collect();
    if !lacking.is_empty() {
        return Err(format!("{words:?} takes what the role does not give: {lacking:?}"));
    }
    match reader.code {
        0..=3 => Ok(taken),
        code => Err(format!("{words:?} ends with {code}: {}", reader.stderr)),
    }
}

fn of_case(case: &Case) -> Result<BTreeSet<Right>, String> {
    let words: Vec<&str> = case.ask.iter().map(String::as_str).collect();
    let words = if words.is_empty() { vec!["-A"] } else { words };
    asked(&case.snapshot()?, &words).map_err(|problem| format!("{}: {problem}", case.name))
}

/// Every case live, asked as the case asks, and every example asked about everything.
#[test]
fn the_documented_role_is_enough_and_no_more() {
    let of_cases = judged(case::all(), of_case);
    let mut taken: BTreeSet<Right> = of_cases.into_iter().flat_map(|(_, rights)| rights).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in fs::read_dir(folder).expect("the examples") {
        let path = entry.expect("an example").path();
        if path.extension().is_some_and(|end| end == "yaml") {
            let text = fs::read_to_string(&path).expect("an example");
            taken.extend(asked(&text, &["-A"]).unwrap_or_else(|problem| panic!("{problem}")));
        }
    }
    // Who may list may get: that shows no more.
    let listed = |right: &Right| {
        right.verb == "get" && taken.contains(&Right { verb: "list".to_owned(), ..right.clone() })
    };
    let given = Role::documented(ROLES).0;
    let idle = given.difference(&taken).filter(|right| !listed(right));
    let idle: Vec<String> = idle.map(|right| format!("{right:?}")).collect();
    assert!(idle.is_empty(), "no question takes this:\n{}", idle.join("\n"));
}
