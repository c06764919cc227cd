//! What the controller may do, decided as the API server does.

use super::rights::drop_kind;
use super::rights::edit;
use super::rights::live;
use super::rights::manager;
use super::rights::question;
use super::*;
use crate::diagnose::access::Decision;
use crate::diagnose::access::decide;
use crate::model::AccessReview;
use crate::model::Question;
use serde_json::Value;
use serde_json::json;

fn allowed(snapshot: &Snapshot, question: &Question) -> bool {
    matches!(decide(&View::new(snapshot), question), Decision::Allowed(_))
}

#[test]
fn aggregation_follows_label_expressions() {
    let judged = |requirement: Value| {
        let mut snapshot = edit(&live(), |object| {
            if object.id.kind == arc::CLUSTER_ROLE && object.id.name == "arc-gha-rs-controller" {
                object.body["rules"] = Value::Null;
                let selector = json!({"matchExpressions": [requirement]});
                object.body["aggregationRule"] = json!({"clusterRoleSelectors": [selector]});
            }
        });
        let part = snapshot.objects().find(|object| object.id.kind == arc::CLUSTER_ROLE).cloned();
        let mut part = part.expect("a ClusterRole");
        part.id.name = "part".to_owned();
        part.labels = [("tier".to_owned(), "arc".to_owned())].into();
        part.body["aggregationRule"] = Value::Null;
        part.body["rules"] = json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]);
        snapshot.insert(part);
        allowed(&snapshot, &question("get", "example.com", "anything", ""))
    };
    let tier = |operator: &str, values: Value| json!({"key": "tier", "operator": operator, "values": values});
    assert!(judged(tier("In", json!(["web", "arc"]))));
    assert!(!judged(tier("In", json!(["web"]))));
    assert!(judged(tier("NotIn", json!(["web"]))));
    assert!(!judged(tier("NotIn", json!(["arc"]))));
    assert!(judged(tier("Exists", Value::Null)));
    assert!(!judged(tier("DoesNotExist", Value::Null)));
    assert!(judged(json!({"key": "other", "operator": "DoesNotExist"})));
    assert!(judged(json!({"key": "other", "operator": "NotIn", "values": ["arc"]})));
    assert!(!judged(json!({"key": "tier", "operator": "Gt", "values": ["1"]})));
}

#[test]
fn a_rule_for_names_allows_them_and_not_any_object() {
    let snapshot = edit(&live(), |object| {
        if object.id.kind == arc::ROLE && manager(object) {
            let rule = json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"],
                              "resourceNames": ["gh-app-tools"]});
            object.body["rules"] = json!([rule]);
        }
    });
    assert!(allowed(&snapshot, &question("get", "", "secrets", "gh-app-tools")));
    assert!(!allowed(&snapshot, &question("get", "", "secrets", "another")));
    assert!(!allowed(&snapshot, &question("get", "", "secrets", "")));
    assert!(allowed(&live(), &question("get", "", "secrets", "another")), "no names: all of them");
}

/// Who may do it to any object may do it to one; a denial for any object says less.
#[test]
fn a_recorded_answer_for_any_object_holds_for_one() {
    let mut snapshot = live();
    let record = |allowed| AccessReview {
        question: question("get", "", "secrets", ""),
        allowed,
        reason: String::new(),
    };
    snapshot = drop_kind(&snapshot, &arc::ROLE, manager);
    snapshot.reviews = vec![record(true)];
    assert!(allowed(&snapshot, &question("get", "", "secrets", "one")));
    snapshot.reviews = vec![record(false)];
    assert!(!allowed(&snapshot, &question("get", "", "secrets", "one")));
    let mut granted = live();
    granted.reviews = vec![record(false)];
    assert!(allowed(&granted, &question("get", "", "secrets", "one")));
    assert!(!allowed(&granted, &question("get", "", "secrets", "")));
}
