//! How a plan and its end read.

use super::*;
use crate::diagnose::Applicability;
use crate::diagnose::Class;
use crate::journal::Back;
use crate::journal::Undo;
use crate::render::samples;

const NARROW: Style = Style { width: 40, verbose: false, ascii: false };
const PATCH: &str =
    "kubectl patch pod a -n b --type=json -p '[{\"op\": \"remove\", \"path\": \"/metadata/finalizers/0\"}]'";

#[test]
fn what_is_left_to_a_person_can_be_pasted_whole() {
    let commands: Vec<String> = (0..5).map(|n| format!("kubectl delete pod p-{n} -n b")).collect();
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    let object = samples::named("many pods").roots[0].object.clone();
    let mut root = samples::root(Class::SecretMissing, &object, "it is not there");
    root.remedies = vec![samples::remedy("let-go", "Let it go", Loss::Job, Applicability::Manual, &commands)];
    let hand = Hand { class: root.class, object, message: root.message, remedies: root.remedies };
    let text = left_to_you(&[hand], &NARROW).to_string();
    for command in commands {
        assert!(text.lines().any(|line| line.trim() == command), "{command}: {text}");
    }
}

#[test]
fn what_puts_something_back_stands_on_a_line_of_its_own() {
    let object = samples::named("many pods").roots[0].object.id.clone();
    let back = Back::Needless(String::new());
    let undo = Undo { write: 1, object, done: "it was changed".to_owned(), certain: true, back };
    let text = undone(&[(undo, Became::Command(PATCH.to_owned()))], &NARROW).to_string();
    assert!(text.lines().any(|line| line.trim() == PATCH), "{text}");
}
