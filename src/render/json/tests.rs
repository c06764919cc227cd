use super::*;
use crate::diagnose::Class;
use crate::render::samples;
use serde_json::json;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../docs/schema/diagnosis.schema.json")).unwrap()
}

/// The schema with every object closed: what we print ourselves must be described to the last field.
fn closed(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(map) => {
            for (_, value) in map.iter_mut() {
                *value = closed(value.take());
            }
            // Conditions repeat fields that are described elsewhere.
            if map.contains_key("properties") && map.contains_key("type") {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = closed(item.take())),
        _ => {}
    }
    schema
}

fn faults(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    validator.iter_errors(document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

#[test]
fn what_is_printed_is_what_the_schema_describes() {
    let schema = closed(schema());
    for (name, sample) in samples::all() {
        assert_eq!(faults(&schema, &diagnosis(&sample)), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_schema_catches_mistakes() {
    let schema = schema();
    let good = diagnosis(&samples::named("secret missing"));
    let broken = [
        ("/roots/0/class", json!("secret-mising")),
        ("/roots/0/certainty", json!("certain")),
        ("/roots/0/remedies/0/loss", json!("little")),
        ("/roots/0/remedies/0/applicability", json!("Automatic")),
        ("/roots/0/object/state", json!("gone")),
        ("/roots/0/object/kind", json!("secret")),
        ("/targets/0/verdict", json!("stuck")),
        ("/targets/0/since", json!("2026-11-21 05:00")),
        ("/targets/0/roots", json!([])),
        ("/capturedAt", json!(1)),
        ("/apiVersion", json!("kubectl-arc/v1")),
        ("/source/type", json!("pipe")),
    ];
    for (pointer, value) in broken {
        let mut document = good.clone();
        *document.pointer_mut(pointer).unwrap() = value;
        assert!(!faults(&schema, &document).is_empty(), "{pointer}");
    }
    for field in good.as_object().unwrap().keys() {
        let mut document = good.clone();
        document.as_object_mut().unwrap().remove(field);
        assert!(!faults(&schema, &document).is_empty(), "{field} may be missing");
    }
}

#[test]
fn the_schema_names_the_classes_in_the_order_of_healing() {
    let schema = schema();
    let listed = schema["$defs"]["class"]["oneOf"].as_array().unwrap();
    let listed: Vec<&str> = listed.iter().filter_map(|entry| entry["const"].as_str()).collect();
    let known: Vec<&str> = Class::ALL.iter().map(|class| class.id()).collect();
    assert_eq!(listed, known);
}

#[test]
fn the_written_document_has_the_order_of_the_contract() {
    insta::assert_snapshot!(json(&samples::named("unknown")), @r#"
    {
      "apiVersion": "kubectl-arc/v1alpha1",
      "kind": "Diagnosis",
      "capturedAt": "2026-11-21T06:14:53Z",
      "source": {
        "type": "cluster",
        "context": "prod",
        "server": "v1.36.2"
      },
      "controllers": [
        {
          "namespace": "arc-systems",
          "name": "arc-gha-rs-controller",
          "version": "0.14.2",
          "ready": 1
        }
      ],
      "summary": {
        "verdict": "unknown",
        "blocked": 0,
        "roots": 0,
        "gaps": 2
      },
      "targets": [
        {
          "object": {
            "apiVersion": "actions.github.com/v1alpha1",
            "kind": "AutoscalingRunnerSet",
            "namespace": "limited",
            "name": "arc",
            "state": "deleting"
          },
          "verdict": "unknown",
          "since": "2026-11-21T06:09:41Z",
          "roots": [],
          "path": [],
          "reasons": [
            "whether Secret limited/gh-app exists could not be read"
          ]
        }
      ],
      "roots": [],
      "notices": [],
      "gaps": [
        {
          "kind": "Secret",
          "namespace": "limited",
          "reason": "forbidden: User \"dev\" cannot list resource \"secrets\" in API group \"\" in the namespace \"limited\"",
          "hides": [
            "secret-missing"
          ]
        },
        {
          "kind": "Deployment",
          "namespace": "",
          "reason": "unread",
          "hides": [
            "legacy-webhook-dead",
            "admission-refuses",
            "controller-gone",
            "controller-not-reconciling",
            "crd-skew",
            "rbac-missing",
            "secret-missing",
            "github-refuses",
            "version-mismatch"
          ]
        }
      ]
    }
    "#);
}

#[test]
fn yaml_is_the_same_document() {
    insta::assert_snapshot!(yaml(&samples::named("waiting")), @r#"
    apiVersion: kubectl-arc/v1alpha1
    kind: Diagnosis
    capturedAt: "2026-11-21T06:14:53Z"
    source:
      type: cluster
      context: prod
      server: v1.36.2
    controllers:
    - namespace: arc-systems
      name: arc-gha-rs-controller
      version: "0.14.2"
      ready: 1
    summary:
      verdict: waiting
      blocked: 0
      roots: 0
      gaps: 0
    targets:
    - object:
        apiVersion: actions.github.com/v1alpha1
        kind: AutoscalingRunnerSet
        namespace: arc-tools
        name: tools
        state: deleting
      verdict: waiting
      since: "2026-11-21T06:13:18Z"
      roots: []
      path: []
      reasons:
      - EphemeralRunner arc-tools/tools-runner-pl4tq still runs job "build" (run 4711); it is left alone until that ends
    roots: []
    notices: []
    gaps: []
    "#);
}

#[test]
fn no_text_changes_its_meaning_on_the_way() {
    let awkward = [
        "yes",
        "no",
        "on",
        "y",
        "null",
        "~",
        "1e3",
        "123e4567",
        "0o14",
        "012",
        "12:30:45",
        ".inf",
        "NaN",
        "<<",
        "=",
        "",
        " padded ",
        "- a",
        "a: b",
        "a #b",
        "#",
        "two\nlines\n",
        "\ttab",
        "quote \" and '",
        "{{ }}",
        "[x]",
        "*a",
        "&a",
        "!t",
        "%d",
        "@",
        "`",
        "|",
        ">",
        "\u{1b}[2J",
        "\u{7f}",
        "\u{85}",
        "\u{9b}",
        "\u{202e}",
        "\u{200b}",
        "\u{2028}",
        "\u{feff}",
        "a\u{e0041}",
        "日本語",
        "2026-11-21",
        "2026-11-21T05:00:00Z",
        "0x1F",
        "1_000",
        "---",
        "...",
        "?",
        "-",
        "true ",
    ];
    for text in awkward {
        let mut sample = samples::named("unknown");
        sample.gaps[0].reason = text.to_owned();
        sample.targets[0].reasons = vec![text.to_owned(), format!("{text} {}", "long ".repeat(40))];
        let value = diagnosis(&sample);
        let written = json(&sample);
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value, "{text:?}");
        assert!(written.chars().all(|c| c == '\n' || !sanitize::is_hostile(c)), "{text:?}");
        let written = yaml(&sample);
        assert_eq!(serde_saphyr::from_str::<Value>(&written).unwrap(), value, "{text:?} in {written}");
        assert!(written.chars().all(|c| c == '\n' || !sanitize::is_hostile(c)), "{text:?} in {written:?}");
    }
}
