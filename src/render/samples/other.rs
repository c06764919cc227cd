//! Situations that end by themselves, that cannot be judged, or that are none.

use super::*;

/// A set is being uninstalled while a job still runs.
pub fn waiting() -> Diagnosis {
    let set = object(ARC, "AutoscalingRunnerSet", "arc-tools/tools", State::Deleting);
    let mut target = target(&set, ago(95), &[], vec![]);
    target.verdict = Verdict::Waiting;
    target.reasons = vec!["EphemeralRunner arc-tools/tools-runner-pl4tq still runs job \"build\" (run 4711); it is left alone until that ends".to_owned()];
    diagnosis(vec![target], vec![], vec![])
}

/// A set was uninstalled a minute ago, and its Secret is gone.
pub fn ahead() -> Diagnosis {
    let set = object(ARC, "AutoscalingRunnerSet", "arc-ci/ci", State::Deleting);
    let mut target = target(&set, ago(57), &[], vec![]);
    target.verdict = Verdict::Waiting;
    target.reasons =
        vec![format!("{}: its deletion was asked for 57s ago, and 120s is nothing unusual", set.id)];
    let secret = object("v1", "Secret", "arc-ci/gh-app", State::Missing);
    let message = format!("{} does not exist; the controller needs it to remove scale set 309", secret.id);
    target.ahead = vec![Foreseen { class: Class::SecretMissing, object: secret, message }];
    diagnosis(vec![target], vec![], vec![])
}

pub fn healthy() -> Diagnosis {
    let targets = ["arc-web/web", "arc-tools/tools"]
        .iter()
        .map(|name| target(&object(ARC, "AutoscalingRunnerSet", name, State::Present), None, &[], vec![]))
        .collect();
    diagnosis(targets, vec![], vec![])
}

/// The reader may not see Secrets, nor the controller's log.
pub fn unknown() -> Diagnosis {
    let set = object(ARC, "AutoscalingRunnerSet", "limited/arc", State::Deleting);
    let mut target = target(&set, ago(312), &[], vec![]);
    target.verdict = Verdict::Unknown;
    target.reasons = vec!["whether Secret limited/gh-app exists could not be read".to_owned()];
    let gaps = vec![
        Gap {
            kind: "Secret".to_owned(),
            namespace: "limited".to_owned(),
            reason: "forbidden: User \"dev\" cannot list resource \"secrets\" in API group \"\" in the namespace \"limited\"".to_owned(),
            hides: vec![Class::SecretMissing],
            command: String::new(),
        },
        Gap {
            kind: "Deployment".to_owned(),
            namespace: String::new(),
            reason: "unread".to_owned(),
            hides: Class::ALL[..9].to_vec(),
            command: String::new(),
        },
    ];
    diagnosis(vec![target], vec![], gaps)
}

/// Everything is uninstalled; the CRDs stay.
pub fn left_behind() -> Diagnosis {
    let mut answer = diagnosis(vec![], vec![], vec![]);
    for plural in ["autoscalinglisteners", "autoscalingrunnersets", "ephemeralrunners", "ephemeralrunnersets"]
    {
        let name = format!("{plural}.actions.github.com");
        let crd = object("apiextensions.k8s.io/v1", "CustomResourceDefinition", &name, State::Present);
        let message = format!(
            "CRD {name} stayed after the controller was uninstalled and will not be upgraded by Helm"
        );
        let mut notice = root(Class::CrdLeftBehind, &crd, &message);
        notice.evidence =
            vec![evidence(&crd, "metadata.annotations['controller-gen.kubebuilder.io/version']", "v0.19.0")];
        notice.remedies = vec![remedy(
            "delete-crd",
            "Delete the CRD; no instance of it is left",
            Loss::Reversible,
            Applicability::Automatic,
            &[&format!("kubectl delete crd {name}")],
        )];
        answer.notices.push(notice);
    }
    answer.controllers.clear();
    answer
}
