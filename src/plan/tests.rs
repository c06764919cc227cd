//! Plans for the recorded clusters of `examples/`, played through.

use super::*;
use crate::arc;
use crate::diagnose::Ask;
use crate::diagnose::diagnose;
use crate::model::Snapshot;
use std::fmt::Write as _;

fn load(name: &str) -> Snapshot {
    let path = format!("{}/examples/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    crate::source::file::load(&[path], false).expect("an example")
}

fn told(name: &str, ask: &Ask, accepted: Loss) -> String {
    let snapshot = load(name);
    let diagnosis = diagnose(&snapshot, std::slice::from_ref(ask));
    let plan = plan(&snapshot, &diagnosis, accepted);
    let mut text = format!("{name} at {}: frees {}\n", accepted.word(), plan.outcome.frees);
    for step in &plan.steps {
        writeln!(
            text,
            "  {} {} by {} ({})",
            step.class.id(),
            step.object.id,
            step.remedy.id,
            step.remedy.loss.word()
        )
        .unwrap();
    }
    for hand in &plan.left_to_you {
        writeln!(text, "  left: {} {}", hand.class.id(), hand.object.id).unwrap();
    }
    for id in &plan.outcome.gone {
        writeln!(text, "    gone {id}").unwrap();
    }
    for (id, because) in &plan.outcome.remains {
        writeln!(text, "    remains {id}: {because}").unwrap();
    }
    for id in &plan.outcome.unsure {
        writeln!(text, "    unsure {id}").unwrap();
    }
    text
}

#[test]
fn explore() {
    let ns = |name: &str| Ask::Object(ObjectId::new(&arc::NAMESPACE, "", name));
    let set = |namespace: &str, name: &str| {
        Ask::Object(ObjectId::new(&arc::AUTOSCALING_RUNNER_SET, namespace, name))
    };
    let all = Ask::Everything { namespace: None, selector: Vec::new() };
    for (name, ask) in [
        ("argocd-delete-deadlock", ns("arc-ml")),
        ("helm-uninstall-secret-gone", ns("arc-release")),
        ("crds-deleted-controller-gone", all.clone()),
        ("version-mismatch", ns("arc-docs")),
        ("controller-moved", set("arc-tools", "tools")),
        ("controller-moved", ns("arc-old")),
        ("rbac-role-gone", set("arc-tools", "tools")),
        ("cleanup-protection-orphan", ns("arc-ml")),
        ("namespace-terminating", ns("arc-release")),
        ("foreign-finalizer", all.clone()),
        ("healthy", all.clone()),
        ("draining", all.clone()),
    ] {
        for loss in [Loss::None, Loss::Data] {
            println!("{}", told(name, &ask, loss));
        }
    }
}
