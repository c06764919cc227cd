//! What GitHub's refusals have in common: how they are told, and what there is to repair.

use super::action;
use super::controllers::Controller;
use super::listening::Listener;
use super::logs;
use super::logs::Log;
use super::need::Need;
use super::need::Stuck;
use super::remedy;
use super::report::Applicability;
use super::report::Certainty;
use super::report::Class;
use super::report::Evidence;
use super::report::Loss;
use super::report::Remedy;
use super::rule::Case;
use super::rule::Finding;
use super::rule::Findings;
use super::wish::Sight;
use crate::arc;
use crate::arc::names;
use crate::arc::phrases::Refusal;
use crate::graph::Node;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use std::collections::BTreeMap;

/// The address at GitHub of a runner set.
pub fn url(case: &Case<'_>, set: &ObjectId) -> String {
    let url = case.view.find(set).and_then(|set| set.text("/spec/githubConfigUrl"));
    url.unwrap_or("an unknown URL").to_owned()
}

/// For a line that is not proof any more.
pub const SAID_A_WHILE_AGO: &str =
    "; that was said a while ago, and a newer line in the controller's log would prove it";

/// Whom a line may speak of: the object itself, the EphemeralRunnerSet that would remove it, and the runner set.
pub fn subjects(case: &Case<'_>, stuck: &Stuck, set: &ObjectId) -> Vec<ObjectId> {
    let mut subjects = vec![stuck.id.clone()];
    let owners = case.view.subject(&stuck.id).map(|object| object.owners.as_slice()).unwrap_or_default();
    if stuck.id.kind == arc::EPHEMERAL_RUNNER {
        subjects.extend(
            owners
                .iter()
                .map(|owner| ObjectId::new(&arc::EPHEMERAL_RUNNER_SET, &stuck.id.namespace, &owner.name)),
        );
    } else if stuck.id != *set {
        subjects.push(set.clone());
    }
    subjects
}

/// Goes to all that waits for GitHub and has what it takes to ask there, with its runner set, and the log of the
/// controller that asks.
pub fn who_ask<'a>(
    case: &Case<'a>,
    mut visit: impl FnMut(&'a Stuck, &'a ObjectId, &'a Controller, &Log<'a>),
) {
    let mut logs: BTreeMap<&ObjectId, Log<'_>> = BTreeMap::new();
    for stuck in case.world.stuck.values().filter(|stuck| stuck.needs.contains(&Need::GitHub)) {
        let Some(set) = &stuck.set else { continue };
        let Some(controller) = case.world.controllers.alive(&set.namespace) else { continue };
        // What is done with these credentials is not for GitHub to refuse as long as they are not there.
        let lacks = |need: &Need| match need {
            Need::Secret { id, .. } | Need::ProxyLogin { id, .. } => {
                !matches!(case.view.look(id), Lookup::Found(_))
            }
            _ => false,
        };
        if stuck.needs.iter().any(lacks) {
            continue;
        }
        let log = logs.entry(&controller.id).or_insert_with(|| logs::of_controller(case.view, controller));
        visit(stuck, set, controller, log);
    }
}

/// The finding, once it is known what GitHub refuses.
pub fn refused(
    case: &Case<'_>,
    stuck: &Stuck,
    set: &ObjectId,
    message: String,
    certainty: Certainty,
    mut evidence: Vec<Evidence>,
    repair: Remedy,
) -> Finding {
    if let Some(Need::Secret { id, .. }) = stuck.needs.iter().find(|need| matches!(need, Need::Secret { .. }))
    {
        evidence.push(case.view.evidence(id, "exists", "yes"));
    }
    let mut remedies = vec![repair];
    if stuck.deleting || case.view.find(set).is_some_and(Object::is_deleting) {
        remedies.extend(remedy::let_go(case.view, set));
    }
    remedies.sort_by_key(|remedy| remedy.loss);
    Finding {
        class: Class::GithubRefuses,
        end: Node::Repair(set.clone()),
        object: set.clone(),
        members: Vec::new(),
        message,
        certainty,
        evidence,
        remedies,
    }
}

/// What there is to repair.
pub fn repair(case: &Case<'_>, stuck: &Stuck, set: &ObjectId, refusal: Refusal) -> Remedy {
    let secret = stuck.needs.iter().find_map(|need| match need {
        Need::Secret { id, .. } => Some(id),
        _ => None,
    });
    let url = url(case, set);
    let secret_name = secret.map_or_else(|| "the vault".to_owned(), ToString::to_string);
    let (id, title) = match refusal {
        Refusal::Credentials => {
            ("repair-credentials", format!("Put credentials into {secret_name} that are valid at {url}"))
        }
        Refusal::Permission => (
            "grant-permission",
            format!(
                "Give the App or token in {secret_name} the right to manage self-hosted runners at {url}"
            ),
        ),
        Refusal::Address => (
            "repair-url",
            format!(
                "Correct {url} or the account: it has to name an enterprise, organization or repository that the \
                 credentials in {secret_name} can see. A personal account has runners for its repositories alone"
            ),
        ),
        Refusal::Certificate => (
            "repair-certificate",
            format!(
                "Give {set} the certificate of the authority that signed that of {url} (githubServerTLS)"
            ),
        ),
        Refusal::Network => (
            "repair-network",
            format!("Let the controller reach {url}: DNS, firewall, network policy, or the proxy of {set}"),
        ),
        Refusal::Server => (
            "wait-for-github",
            format!(
                "Wait until {url} answers again; a server of one's own has to be new enough for scale sets (3.9)"
            ),
        ),
        Refusal::Group => {
            ("repair-runner-group", format!("Make the runner group that {set} names, or name another"))
        }
        Refusal::Unclear => {
            ("read-log", format!("Read on in the log what {url} answers, or what is in the way to it"))
        }
        Refusal::Vault => ("repair-vault", format!("Repair the vault that {set} names (vaultConfig)")),
    };
    let mut commands = Vec::new();
    if let (Refusal::Credentials, Some(secret)) = (refusal, secret) {
        commands.push(format!(
            "kubectl create secret generic -n {} {} --from-literal=github_token=\"${{GITHUB_TOKEN:?}}\" \
             --dry-run=client -o yaml | kubectl apply -f -",
            remedy::word(&secret.namespace),
            remedy::word(&secret.name)
        ));
    }
    let applicability = match refusal {
        Refusal::Credentials => Applicability::NeedsValue,
        _ => Applicability::Manual,
    };
    Remedy { applicability, ..remedy::by_hand(id, title, commands) }
}

/// Up to 0.11 the listener's own copy of the credentials is made once: after a rotation it goes on with the old ones.
pub fn fresh_config(case: &Case<'_>, listener: &Listener<'_>, refusal: Refusal) -> Option<Remedy> {
    let id = &listener.object.id;
    let config =
        ObjectId::new(&arc::SECRET, &id.namespace, &format!("{}{}", id.name, names::LISTENER_CONFIG));
    case.view.find(&config).filter(|_| refusal == Refusal::Credentials)?;
    Some(remedy::automatic(
        "renew-listener-config",
        format!(
            "If the credentials were replaced: delete {config}, the listener's own copy, and the listener"
        ),
        Loss::Reversible,
        vec![action::delete(&config), action::delete(id)],
    ))
}

/// The ConfigMap with the certificate of an own server: without it nobody can be asked, and that can be seen.
pub fn no_certificate(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck, set: &ObjectId) -> bool {
    let Some(object) = case.view.find(set) else { return false };
    let pointer = "/spec/githubServerTLS/certificateFrom/configMapKeyRef/name";
    let Some(name) = object.text(pointer) else { return false };
    let id = ObjectId::new(&arc::CONFIG_MAP, &set.namespace, name);
    match case.view.look(&id) {
        Lookup::Found(_) => false,
        Lookup::Unread(reading) => {
            findings.wish(&stuck.id, Sight::Object(id), reading, &[Class::GithubRefuses]);
            false
        }
        Lookup::Absent => {
            let field = "spec.githubServerTLS.certificateFrom.configMapKeyRef.name";
            let evidence = vec![case.view.evidence(set, field, name), case.view.missing(&id)];
            let because = "without the certificate of the server GitHub cannot be asked";
            findings.wait(&stuck.id, &Node::Repair(set.clone()), because, evidence.clone());
            let message =
                format!("{id} with the certificate of the server does not exist, so GitHub cannot be asked");
            let make = remedy::by_hand(
                "restore-certificate",
                format!("Make {id} again with the certificate of the server"),
                vec![format!(
                    "kubectl create configmap -n {} {} --from-file=ca.crt",
                    remedy::word(&set.namespace),
                    remedy::word(name)
                )],
            );
            findings.root(refused(case, stuck, set, message, Certainty::Proven, evidence, make));
            true
        }
    }
}
