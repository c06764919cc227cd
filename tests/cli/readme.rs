//! The README shows what the program really prints.

use crate::run::arc;

/// Every `console` block that begins with a call of the program, as (arguments, what follows).
fn calls(readme: &str) -> Vec<(Vec<String>, String)> {
    readme
        .split("```console\n")
        .skip(1)
        .filter_map(|block| block.split_once("\n```").map(|(block, _)| block))
        .filter_map(|block| {
            let (call, output) = block.split_once('\n')?;
            let words = call.strip_prefix("$ kubectl arc ")?;
            Some((words.split(' ').map(str::to_owned).collect(), format!("{output}\n")))
        })
        .collect()
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let readme = std::fs::read_to_string(format!("{folder}/README.md")).expect("the README");
    let calls = calls(&readme);
    assert!(!calls.is_empty(), "the README shows the program at work");
    for (arguments, shown) in calls {
        let arguments: Vec<String> = arguments
            .iter()
            .map(|word| if word.starts_with("examples/") { format!("{folder}/{word}") } else { word.clone() })
            .collect();
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let printed = arc(&words).stdout;
        assert_eq!(printed, shown, "refresh the README: {arguments:?}");
    }
}
