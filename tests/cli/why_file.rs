//! `why -f`: the examples, in text and in JSON.

use crate::run::EXAMPLES;
use crate::run::arc;
use crate::run::arc_reading;
use crate::run::example;

#[test]
fn every_example_is_answered_in_text_and_json_with_the_same_exit_code() {
    for (name, target, code, class) in EXAMPLES {
        let file = example(name);
        let mut arguments = vec!["why", "-f", &file];
        arguments.extend(*target);
        let text = arc(&arguments);
        assert_eq!(text.code, *code, "{name}: {}{}", text.stdout, text.stderr);
        assert_eq!(text.stderr, "", "{name}");
        arguments.extend(["-o", "json"]);
        let json = arc(&arguments);
        assert_eq!(json.code, *code, "{name} as JSON");
        let first = &json.json()["roots"][0]["class"];
        assert_eq!(first.as_str().unwrap_or_default(), *class, "{name}");
        if !class.is_empty() {
            assert!(text.stdout.contains(class), "{name}: {}", text.stdout);
            let object = json.json()["roots"][0]["object"]["name"].as_str().unwrap_or_default().to_owned();
            assert!(text.stdout.contains(&object), "{name}: the text names {object}");
        }
    }
}

#[test]
fn yaml_is_the_same_document() {
    let file = example("helm-uninstall-secret-gone");
    let json = arc(&["why", "-f", &file, "-o", "json"]).json();
    let yaml = arc(&["why", "-f", &file, "-o", "yaml"]);
    assert_eq!(yaml.code, 1);
    let read: serde_json::Value = serde_saphyr::from_str(&yaml.stdout).expect("YAML");
    assert_eq!(read, json);
}

#[test]
fn standard_input_and_several_files_are_read() {
    let file = example("helm-uninstall-secret-gone");
    let text = std::fs::read_to_string(&file).expect("the example");
    let piped = arc_reading(&["why", "-f", "-", "ns/arc-release", "-o", "json"], &text);
    let named = arc(&["why", "-f", &file, "ns/arc-release", "-o", "json"]);
    assert_eq!((piped.code, &piped.stdout), (named.code, &named.stdout));
    // The header in one file, the objects in another.
    let (header, objects) = text.split_once("\n---\n").expect("a header document");
    let folder = std::env::temp_dir().join(format!("kubectl-arc-split-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("a.yaml"), header).expect("a.yaml");
    std::fs::write(folder.join("b.yaml"), objects).expect("b.yaml");
    let a = folder.join("a.yaml").display().to_string();
    let b = folder.join("b.yaml").display().to_string();
    let split = arc(&["why", "-f", &a, "-f", &b, "ns/arc-release", "-o", "json"]);
    let whole = arc(&["why", "-f", &folder.display().to_string(), "ns/arc-release", "-o", "json"]);
    std::fs::remove_dir_all(&folder).ok();
    assert_eq!(split.code, 1, "{}", split.stderr);
    assert_eq!(split.json()["roots"], named.json()["roots"]);
    assert_eq!(whole.json()["roots"], named.json()["roots"]);
}

/// The same example by somebody who may not look at Secrets: a gap, not a guess.
#[test]
fn forbidden_secrets_are_a_gap_and_exit_3() {
    let text = std::fs::read_to_string(example("helm-uninstall-secret-gone")).expect("the example");
    let forbidden =
        text.replacen("kind: Secret, namespaces: [", "kind: Secret, error: forbidden, namespaces: [", 1);
    assert_ne!(text, forbidden);
    let done = arc_reading(&["why", "-f", "-", "ns/arc-release", "-o", "json"], &forbidden);
    assert_eq!(done.code, 3, "{}{}", done.stdout, done.stderr);
    let answer = done.json();
    assert_eq!(answer["roots"], serde_json::json!([]));
    assert_eq!(answer["summary"]["verdict"], "unknown");
    let gap = &answer["gaps"][0];
    assert_eq!((&gap["kind"], &gap["namespace"]), (&"Secret".into(), &"arc-release".into()));
    assert!(gap["hides"].as_array().is_some_and(|hides| hides.contains(&"secret-missing".into())), "{gap}");
    let text = arc_reading(&["why", "-f", "-", "ns/arc-release"], &forbidden);
    assert_eq!(text.code, 3);
    assert!(text.stdout.contains("Secret") && text.stdout.contains("forbidden"), "{}", text.stdout);
}

/// Without a header, what is not in the file is unread; `--complete` says that there is nothing else.
#[test]
fn a_plain_dump_proves_no_absence_unless_it_is_complete() {
    let text = std::fs::read_to_string(example("helm-uninstall-secret-gone")).expect("the example");
    let (_, objects) = text.split_once("\n---\n").expect("a header document");
    let plain = arc_reading(&["why", "-f", "-", "ns/arc-release"], objects);
    assert_eq!(plain.code, 3, "{}{}", plain.stdout, plain.stderr);
    let complete = arc_reading(&["why", "-f", "-", "--complete", "ns/arc-release", "-o", "json"], objects);
    assert_eq!(complete.code, 1, "{}{}", complete.stdout, complete.stderr);
    assert_eq!(complete.json()["roots"][0]["class"], "secret-missing");
}

#[test]
fn the_answer_for_a_file_never_changes() {
    for (name, target, _, _) in EXAMPLES {
        let file = example(name);
        let mut arguments = vec!["why", "-f", &file, "-o", "json"];
        arguments.extend(*target);
        assert_eq!(arc(&arguments).stdout, arc(&arguments).stdout, "{name}");
    }
}

/// Nothing needed to act is cut off, and lines fit, but for commands and addresses.
#[test]
fn text_fits_eighty_columns() {
    for (name, target, _, _) in EXAMPLES {
        let file = example(name);
        let mut arguments = vec!["why", "-f", &file];
        arguments.extend(*target);
        for line in arc(&arguments).stdout.lines() {
            let copied = ["kubectl ", "helm ", "echo ", "https://"]
                .iter()
                .any(|start| line.trim_start().starts_with(start));
            assert!(copied || line.chars().count() <= 80, "{name}: {line}");
            assert!(!line.contains('\u{1b}'), "{name}: an escape code in a pipe");
        }
    }
}
