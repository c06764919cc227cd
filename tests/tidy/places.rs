//! Nothing that is committed names a place on somebody's machine.

use crate::expect_none;
use crate::tree;
use crate::tree::File;
use crate::tree::ROOT;

/// Where people's homes are.
const HOMES: [&str; 4] = ["/home/", "/Users/", "/root/", "C:\\Users\\"];

/// Homes of nobody: the one in GitHub's runner image.
const NOBODYS: [&str; 1] = ["/home/runner/"];

fn check(file: &File, checkout: &str) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    lines
        .filter_map(|(number, line)| {
            let known = NOBODYS.iter().fold(line.to_owned(), |line, home| line.replace(home, ""));
            let homes = HOMES.iter().copied().chain([checkout]);
            let place = homes.into_iter().find(|place| known.contains(place))?;
            Some(format!(
                "{}:{}: {place} is a place on one machine; write it another way",
                file.path,
                number + 1
            ))
        })
        .collect()
}

#[test]
fn nothing_names_a_place_on_somebodys_machine() {
    let files = tree::written_by_hand();
    let own = "tests/tidy/places.rs";
    let findings: Vec<String> =
        files.iter().filter(|file| file.path != own).flat_map(|file| check(file, ROOT)).collect();
    expect_none("What is committed is true on every machine.", &findings);
}

#[test]
fn a_place_on_a_machine_is_found() {
    let found =
        |text: &str| check(&File { path: "a.md".to_owned(), text: text.to_owned() }, "/checkout/of/mine");
    assert_eq!(found("/home/runner/run.sh, ~/.kube/config, $HOME"), [] as [&str; 0]);
    assert_eq!(found("see\n/home/ann/x").len(), 1);
    assert_eq!(found("/Users/ann, and /checkout/of/mine/src\n/root/x\nC:\\Users\\x").len(), 3);
}
