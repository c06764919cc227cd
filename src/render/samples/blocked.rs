//! Situations that do not end by themselves.

use super::*;

/// `helm uninstall` after the user's own credential Secret was deleted.
pub fn secret_missing() -> Diagnosis {
    let set = object(ARC, "AutoscalingRunnerSet", "arc-release/release-ci", State::Deleting);
    let runners = object(ARC, "EphemeralRunnerSet", "arc-release/release-ci", State::Deleting);
    let secret = object("v1", "Secret", "arc-release/gh-app-release", State::Missing);
    let mut path = vec![step(
        &set,
        ago(11_220),
        &runners,
        "finalizer autoscalingrunnerset.actions.github.com/finalizer",
        "runners",
    )];
    for name in ["9xk2p", "kq7vw"] {
        let name = format!("arc-release/release-ci-runner-{name}");
        let runner = object(ARC, "EphemeralRunner", &name, State::Present);
        path.push(step(
            &runners,
            ago(11_218),
            &runner,
            "finalizer ephemeralrunnerset.actions.github.com/finalizer",
            "",
        ));
        let mut last =
            step(&runner, None, &secret, "deregistering it needs the credentials in this Secret", "");
        last.finalizers = vec![
            "ephemeralrunner.actions.github.com/runner-registration-finalizer".to_owned(),
            "ephemeralrunner.actions.github.com/finalizer".to_owned(),
        ];
        path.push(last);
    }
    let mut root = root(
        Class::SecretMissing,
        &secret,
        "Secret arc-release/gh-app-release does not exist; the controller needs it to deregister the runners and \
         scale set 17",
    );
    let pod = object("v1", "Pod", "arc-systems/arc-gha-rs-controller-6d9f8c7b5-x2lqp", State::Present);
    root.evidence = vec![
        evidence(&set, "spec.githubConfigSecret", "gh-app-release"),
        evidence(&secret, "exists", "no"),
        evidence(
            &pod,
            "log",
            "Failed to clean up EphemeralRunners: failed to resolve app config: failed to get kubernetes secret: \
             \"arc-release/gh-app-release\"",
        ),
    ];
    root.blocks = vec![runners.clone(), set.clone()];
    let mut drop = remedy(
        "drop-scale-set-id",
        "Take the scale-set id off the runner set, so that nothing at GitHub is asked for",
        Loss::Registration,
        Applicability::Automatic,
        &[
            "kubectl annotate autoscalingrunnersets.actions.github.com release-ci -n arc-release runner-scale-set-id-",
        ],
    );
    let text = "runner scale set 17 \"release-ci\" at https://github.com/acme".to_owned();
    drop.leaves = vec![Leaf::new(&root.object.id, text)];
    root.remedies = vec![
        remedy(
            "restore-secret",
            "Create the Secret again with the keys it had",
            Loss::None,
            Applicability::NeedsValue,
            &[
                "kubectl create secret generic gh-app-release -n arc-release --from-literal=github_token=\"${GITHUB_TOKEN:?}\"",
            ],
        ),
        drop,
    ];
    diagnosis(vec![target(&set, ago(11_220), &[0], path)], vec![root], vec![])
}

/// The controller is uninstalled, then the four CRDs are deleted.
pub fn four_crds() -> Diagnosis {
    let crd = |plural: &str| {
        let name = format!("{plural}.actions.github.com");
        object("apiextensions.k8s.io/v1", "CustomResourceDefinition", &name, State::Deleting)
    };
    let controller = object("apps/v1", "Deployment", "arc-systems/arc-gha-rs-controller", State::Missing);
    let content = "instances of it still exist";
    let mut targets = Vec::new();
    for (plural, kind, names) in [
        ("autoscalingrunnersets", "AutoscalingRunnerSet", ["arc-build/build", "arc-web/web"]),
        (
            "autoscalinglisteners",
            "AutoscalingListener",
            ["arc-systems/build-754b578d-listener", "arc-systems/web-6c9d77f5-listener"],
        ),
        ("ephemeralrunnersets", "EphemeralRunnerSet", ["arc-build/build", "arc-web/web"]),
        ("ephemeralrunners", "EphemeralRunner", ["arc-build/build-runner-4xk2m", "arc-web/web-runner-m9x2d"]),
    ] {
        let mut path = Vec::new();
        for name in names {
            let instance = object(ARC, kind, name, State::Deleting);
            path.push(step(&crd(plural), ago(560), &instance, content, ""));
            let finalizer = format!("finalizer {}.actions.github.com/finalizer", kind.to_lowercase());
            path.push(step(&instance, ago(559), &controller, &finalizer, ""));
        }
        targets.push(target(&crd(plural), ago(560), &[0], path));
    }
    let mut root = root(
        Class::ControllerGone,
        &controller,
        "No ARC controller runs in this cluster, so nobody takes the finalizers off",
    );
    root.evidence = vec![
        evidence(&controller, "exists", "no"),
        evidence(
            &object("v1", "Namespace", "arc-systems", State::Present),
            "pods labelled app.kubernetes.io/part-of=gha-rs-controller",
            "none",
        ),
    ];
    root.blocks = targets.iter().flat_map(|target| &target.path).map(|step| step.object.clone()).collect();
    root.remedies = vec![remedy(
        "reinstall-controller",
        "Install the controller's chart again in the version that made the objects, 0.14.2",
        Loss::None,
        Applicability::NeedsValue,
        &[
            "helm install arc oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set-controller --version 0.14.2 -n arc-systems",
        ],
    )];
    let mut answer = diagnosis(targets, vec![root], vec![]);
    answer.controllers.clear();
    answer.source.source = SourceType::File;
    answer
}

/// Argo CD deletes the protected dependents and waits for them before it deletes the runner set.
pub fn argo_deadlock() -> Diagnosis {
    let set = object(ARC, "AutoscalingRunnerSet", "arc-ml/ml", State::Present);
    let argo = object("kubectl-arc/v1alpha1", "Actor", "Argo CD", State::Unseen);
    let dependents = [
        object(RBAC, "RoleBinding", "arc-ml/ml-gha-rs-kube-mode", State::Deleting),
        object(RBAC, "Role", "arc-ml/ml-gha-rs-kube-mode", State::Deleting),
        object("v1", "ServiceAccount", "arc-ml/ml-gha-rs-kube-mode", State::Deleting),
        object(RBAC, "RoleBinding", "arc-ml/ml-gha-rs-manager", State::Deleting),
        object(RBAC, "Role", "arc-ml/ml-gha-rs-manager", State::Deleting),
    ];
    let held = "finalizer actions.github.com/cleanup-protection";
    let mut path = vec![step(
        &set,
        None,
        &argo,
        "only a deletion of the runner set takes the finalizers off, and it is not being deleted",
        "",
    )];
    for dependent in &dependents {
        path.push(step(dependent, ago(305), &set, held, ""));
        path.push(step(&argo, None, dependent, "it deletes the runner set only after these are gone", ""));
    }
    let targets =
        dependents.iter().map(|dependent| target(dependent, ago(305), &[0], path.clone())).collect();
    let mut root = root(
        Class::GitopsDeleteDeadlock,
        &dependents[0],
        "Argo CD waits for 5 protected objects to go before it deletes AutoscalingRunnerSet arc-ml/ml, and only \
         deleting that releases them",
    );
    root.members = dependents.iter().cloned().chain([set.clone(), argo]).collect();
    root.evidence = vec![
        evidence(&dependents[0], "metadata.finalizers", "[actions.github.com/cleanup-protection]"),
        evidence(&dependents[0], "metadata.deletionTimestamp", "2026-11-21T06:09:48Z"),
        evidence(&set, "metadata.deletionTimestamp", "absent"),
        evidence(&set, "metadata.managedFields[0].manager", "argocd-controller"),
        evidence(
            &set,
            "metadata.annotations['actions.github.com/cleanup-manager-role-name']",
            "ml-gha-rs-manager",
        ),
    ];
    root.remedies = vec![remedy(
        "delete-runner-set",
        "Delete the runner set; the controller then releases the rest",
        Loss::Reversible,
        Applicability::Automatic,
        &["kubectl delete autoscalingrunnersets.actions.github.com ml -n arc-ml --wait=false"],
    )];
    diagnosis(targets, vec![root], vec![])
}

/// The controller was moved to another namespace: the set's RoleBinding names the old one, and the old listener stays.
pub fn controller_moved() -> Diagnosis {
    let namespace = object("v1", "Namespace", "arc-runners", State::Deleting);
    let set = object(ARC, "AutoscalingRunnerSet", "arc-runners/arc", State::Deleting);
    let listener = object(ARC, "AutoscalingListener", "arc-old/arc-754b578d-listener", State::Deleting);
    let binding = object(RBAC, "RoleBinding", "arc-runners/arc-gha-rs-manager", State::Present);
    let controller = object("apps/v1", "Deployment", "arc-old/arc-gha-rs-controller", State::Missing);
    let held = "finalizer autoscalingrunnerset.actions.github.com/finalizer";
    let mut path = vec![
        step(&namespace, ago(187_200), &set, "it still holds content", ""),
        step(&set, ago(187_199), &binding, held, "listener"),
        step(&set, ago(187_199), &listener, held, "listener"),
        step(
            &listener,
            ago(187_190),
            &controller,
            "finalizer autoscalinglistener.actions.github.com/finalizer",
            "",
        ),
    ];
    // The RoleBinding has to be put right; that it is there blocks nobody.
    path[1].repair = true;
    let mut gone = root(
        Class::ControllerGone,
        &controller,
        "The controller that watched namespace arc-old is gone, and the one in arc-new does not watch there",
    );
    gone.evidence = vec![evidence(&controller, "exists", "no")];
    gone.certainty = Certainty::Likely;
    gone.remedies = vec![remedy(
        "release-listener",
        "Take the finalizer off the old listener, whose pod is gone",
        Loss::None,
        Applicability::Automatic,
        &[
            "kubectl patch autoscalinglisteners.actions.github.com arc-754b578d-listener -n arc-old --type=json -p '[{\"op\":\"remove\",\"path\":\"/metadata/finalizers/0\"}]'",
        ],
    )];
    let mut rbac = root(
        Class::RbacMissing,
        &binding,
        "RoleBinding arc-runners/arc-gha-rs-manager names ServiceAccount arc-old/arc-gha-rs-controller; the \
         controller runs as arc-new/arc-gha-rs-controller",
    );
    rbac.evidence = vec![
        evidence(&binding, "subjects[0].namespace", "arc-old"),
        evidence(
            &binding,
            "access",
            "arc-new:arc-gha-rs-controller may not patch rolebindings in arc-runners",
        ),
    ];
    rbac.blocks =
        vec![set.clone(), namespace.clone(), object("v1", "Namespace", "arc-more", State::Deleting)];
    rbac.remedies = vec![remedy(
        "fix-subject",
        "Point the RoleBinding at the ServiceAccount the controller runs as",
        Loss::None,
        Applicability::Automatic,
        &[
            "kubectl patch rolebinding arc-gha-rs-manager -n arc-runners --type=json -p '[{\"op\":\"replace\",\"path\":\"/subjects/0/namespace\",\"value\":\"arc-new\"}]'",
        ],
    )];
    let web = object(ARC, "AutoscalingRunnerSet", "arc-web/web", State::Present);
    let targets = vec![target(&namespace, ago(187_200), &[0, 1], path), target(&web, None, &[], vec![])];
    diagnosis(targets, vec![gone, rbac], vec![])
}

/// Fourteen runners of one set cannot pull their image; an image name tries to be funny.
pub fn many_pods() -> Diagnosis {
    let set = object(ARC, "AutoscalingRunnerSet", "arc-web/web", State::Present);
    let runners = object(ARC, "EphemeralRunnerSet", "arc-web/web", State::Present);
    let mut path = vec![step(&set, ago(700), &runners, "its runners do not come up", "")];
    let mut roots = Vec::new();
    for n in 0..14 {
        let name = format!("arc-web/web-runner-{n:02}abc");
        let runner = object(ARC, "EphemeralRunner", &name, State::Present);
        let pod = object("v1", "Pod", &name, State::Present);
        path.push(step(&runners, None, &runner, "its runners do not come up", ""));
        path.push(step(&runner, ago(690 - n), &pod, "its pod does not start", "pod"));
        let message = format!("Pod {name} cannot pull its image ghcr.io/acme/runner:v2\x1b[2J\u{202e}");
        let mut root = root(Class::PodCannotStart, &pod, &message);
        root.evidence =
            vec![evidence(&pod, "status.containerStatuses[0].state.waiting.reason", "ImagePullBackOff")];
        let (namespace, pod) = name.split_once('/').unwrap();
        root.remedies = vec![
            remedy(
                "fix-image",
                "Give the runner set an image that exists",
                Loss::None,
                Applicability::NeedsValue,
                &[],
            ),
            remedy(
                "delete-pod",
                "Delete the pod so that it is made anew",
                Loss::Job,
                Applicability::Automatic,
                &[&format!("kubectl delete pod {pod} -n {namespace}")],
            ),
        ];
        roots.push(root);
    }
    let all: Vec<usize> = (0..14).collect();
    diagnosis(vec![target(&set, ago(700), &all, path)], roots, vec![])
}
