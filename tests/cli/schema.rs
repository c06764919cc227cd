//! `-o json` keeps its word: the published schema holds for the real output of every example.

use crate::run::EXAMPLES;
use crate::run::arc;
use crate::run::example;

#[test]
fn every_example_is_valid_by_the_published_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema/diagnosis.schema.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    for (name, target, _, _) in EXAMPLES {
        let file = example(name);
        for target in [*target, &["-A"] as &[&str]] {
            let mut arguments = vec!["why", "-f", &file, "-o", "json"];
            arguments.extend(target);
            let answer = arc(&arguments).json();
            let errors: Vec<String> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }
    assert!(!validator.is_valid(&serde_json::json!({"kind": "Diagnosis"})), "the schema refuses something");
}
