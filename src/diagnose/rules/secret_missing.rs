//! The Secret with the GitHub credentials that the next step needs does not exist.

use crate::arc;
use crate::diagnose::action::Action;
use crate::diagnose::controllers::alive_evidence;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::remedy;
use crate::diagnose::report::Applicability;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Evidence;
use crate::diagnose::report::Leaf;
use crate::diagnose::report::Loss;
use crate::diagnose::report::Remedy;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::diagnose::sets::Remote;
use crate::graph::Node;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;

pub const RULE: Rule = Rule {
    class: Class::SecretMissing,
    reads: &[arc::SECRET, arc::AUTOSCALING_RUNNER_SET, arc::EPHEMERAL_RUNNER_SET, arc::EPHEMERAL_RUNNER],
    page: Page {
        summary: "the credential Secret does not exist",
        finds: "The next step asks GitHub for something, spec.githubConfigSecret names the Secret to do it with, and \
                that Secret is not in the runner namespace. Or spec.proxy names one with the login of the proxy \
                (credentialSecretRef), and that is not there.",
        why_it_blocks: "Runners and scale sets are removed at GitHub before their finalizers are taken off, and the \
                        controller reads the Secret anew for every attempt. A Secret that the user made himself has \
                        no finalizer: whoever deletes it before the runner set takes the key away too early.",
        neighbours: "rbac-missing: the Secret is there, but the controller may not read it; its log words both the \
                     same way. github-refuses: the Secret is there and GitHub does not take it.",
        what_to_do: "Make the Secret again with credentials for the same organization or repository. It only has to \
                     live until the runner set is gone.",
        cost: "None; the Secret stays until somebody deletes it. Letting go without GitHub instead leaves the scale set and the runners listed there.",
        sources: &[
            "controllers/actions.github.com/autoscalingrunnerset_controller.go",
            "controllers/actions.github.com/ephemeralrunnerset_controller.go",
            "apis/actions.github.com/v1alpha1/appconfig/appconfig.go",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for stuck in case.world.stuck.values() {
        for need in &stuck.needs {
            let (id, named_by, opens) = match need {
                Need::Secret { id, named_by } => (id, named_by, Opens::GitHub),
                Need::ProxyLogin { id, named_by } => (id, named_by, Opens::Proxy),
                _ => continue,
            };
            match case.view.look(id) {
                Lookup::Found(_) => {}
                Lookup::Unread(reading) => {
                    findings.gap(&stuck.id, &arc::SECRET, &id.namespace, &reading, &[Class::SecretMissing]);
                }
                Lookup::Absent => {
                    let because = match opens {
                        Opens::GitHub => "the controller needs the credentials in it to ask GitHub",
                        Opens::Proxy => {
                            "the controller needs the login in it for the proxy on the way to GitHub"
                        }
                    };
                    findings.wait(&stuck.id, &Node::Object(id.clone()), because, vec![named_by.clone()]);
                    if !findings.saw_again(Class::SecretMissing, id, vec![named_by.clone()]) {
                        findings.root(missing(case, stuck, id, named_by, opens));
                    }
                }
            }
        }
    }
}

/// What the login in a Secret is for.
#[derive(Clone, Copy)]
enum Opens {
    GitHub,
    Proxy,
}

fn missing(case: &Case<'_>, stuck: &Stuck, id: &ObjectId, named_by: &Evidence, opens: Opens) -> Finding {
    let set = stuck.set.as_ref();
    let remote = set.and_then(|set| case.view.find(set)).and_then(Remote::of);
    // A runner is removed before it is deleted: what counts is that its runner set or its owner goes.
    let removing = stuck.id.kind != arc::AUTOSCALING_RUNNER_SET || stuck.deleting;
    let purpose = match (&remote, removing) {
        (Some(remote), true) => format!("to remove scale set {} and its runners", remote.id),
        (None, true) => "to remove runners at GitHub".to_owned(),
        (_, false) => "to talk to GitHub".to_owned(),
    };
    let mut evidence = vec![named_by.clone(), case.view.missing(id)];
    let namespace = set.map_or(&stuck.id.namespace, |set| &set.namespace);
    evidence.extend(case.world.controllers.alive(namespace).map(|alive| alive_evidence(case.view, alive)));
    let mut remedies = vec![restore(case, id, opens)];
    if let Some(set) = set.filter(|_| removing) {
        remedies.extend(remedy::let_go(case.view, set));
    }
    remedies.sort_by_key(|remedy| remedy.loss);
    Finding {
        class: Class::SecretMissing,
        end: Node::Object(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message: format!("{id} does not exist; the controller needs it {purpose}"),
        certainty: Certainty::Proven,
        evidence,
        remedies,
    }
}

fn restore(case: &Case<'_>, id: &ObjectId, opens: Opens) -> Remedy {
    let (title, values) = match opens {
        Opens::GitHub => {
            ("the same GitHub App or token", "--from-literal=github_token=\"${GITHUB_TOKEN:?}\"")
        }
        Opens::Proxy => (
            "the login of the proxy",
            "--from-literal=username=\"${PROXY_USER:?}\" --from-literal=password=\"${PROXY_PASSWORD:?}\"",
        ),
    };
    Remedy {
        id: "restore-secret",
        title: format!("Make {id} again with {title}"),
        loss: Loss::None,
        applicability: Applicability::NeedsValue,
        actions: vec![Action::Command(format!(
            "kubectl create secret generic -n {} {} {values}",
            remedy::word(&id.namespace),
            remedy::word(&id.name)
        ))],
        leaves: stays(case, id).into_iter().collect(),
    }
}

/// No chart and no runner set takes along what was made by hand. A runner set that lives still wants it.
fn stays(case: &Case<'_>, id: &ObjectId) -> Option<Leaf> {
    let names = |set: &Object| {
        let fields = [
            "/spec/githubConfigSecret",
            "/spec/proxy/http/credentialSecretRef",
            "/spec/proxy/https/credentialSecretRef",
        ];
        fields.iter().any(|field| set.text(field) == Some(&id.name))
    };
    let sets = case.view.list(&arc::AUTOSCALING_RUNNER_SET, Some(&id.namespace)).objects;
    let is_wanted = sets.into_iter().any(|set| !set.is_deleting() && names(set));
    (!is_wanted).then(|| Leaf::new(id, format!("{id}, which goes with nothing: delete it in the end")))
}
