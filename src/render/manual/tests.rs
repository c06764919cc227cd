use super::*;
use unicode_width::UnicodeWidthStr;

fn page(name: &str, width: usize) -> String {
    let topic = manual::find(name).unwrap();
    article(&topic.article(), Sheet { width, ascii: false }).to_string()
}

#[test]
fn the_index_is_a_line_for_every_name() {
    let sheet = Sheet { width: 80, ascii: false };
    insta::assert_snapshot!(index(&manual::index(), sheet), @r"
    The classes of root blockers, what others stand on first.

    What refuses every change
      legacy-webhook-dead         legacy webhooks point at a dead Service
      admission-refuses           a webhook or policy refuses the change

    The controller and what it stands on
      controller-gone             no ARC controller runs
      controller-not-reconciling  the controller runs but does not act
      crd-skew                    the CRDs and the controller do not go together
      rbac-missing                the controller may not do the next step
      secret-missing              the credential Secret does not exist
      github-refuses              GitHub, or the way to it, refuses the step

    The runner set
      version-mismatch            the set's version does not fit the controller's
      outdated-deadlock           the runner set is Outdated and stays so
      stale-scale-set-id          the scale set's number is gone at GitHub
      registration-collision      two runner sets share one remote scale set
      spec-caps-zero              the live spec caps the set at zero

    The listener
      listener-dangling-ers       the listener's EphemeralRunnerSet is gone
      listener-orphaned           an extra or old listener is left
      session-conflict            another listener holds the message session
      listener-frozen             the listener runs but does not poll
      listener-missing            a live runner set has no running listener

    Runners and their pods
      job-still-running           GitHub says that the runner is busy
      ghost-runner                an EphemeralRunner lives on without a useful pod
      failed-runner-slots         Failed EphemeralRunners occupy the set's slots
      runner-exits-immediately    the runner container ends at once
      pod-create-denied           the API server refuses the runner's pod
      pod-cannot-start            the pod exists but cannot start
      node-lost                   the pod cannot go because its node is gone
      github-side-stale           GitHub's own state is wrong, not the cluster's
      legacy-finalizer            a legacy Runner waits for nobody

    What is held, and who delivers it
      foreground-waits            foreground deletion waits for a dependent
      gitops-delete-deadlock      a tool waits for what only the set releases
      cleanup-protection-orphan   nobody will release this protected object
      foreign-finalizer           a finalizer that is not ARC's holds the object
      release-unfinished          the release or application itself is stuck

    CRDs and namespaces
      crd-terminating             the CRD still waits for its instances
      apiservice-unavailable      an aggregated API is down; no namespace can end
      namespace-terminating       what is missing can no longer be made here
      crd-left-behind             CRDs stayed after ARC was uninstalled

    Finalizers of ARC
      autoscalingrunnerset.actions.github.com/finalizer  AutoscalingRunnerSet
      autoscalinglistener.actions.github.com/finalizer   AutoscalingListener
      ephemeralrunnerset.actions.github.com/finalizer    EphemeralRunnerSet
      ephemeralrunner.actions.github.com/finalizer       EphemeralRunner and…
      ephemeralrunner.actions.github.com/runner-registration-finalizer
      actions.github.com/cleanup-protection              objects of the runner set…

    Finalizers of ARC's legacy mode
      runner.actions.summerwind.dev            Runner
      actions.summerwind.dev/runner-pod        Pod
      actions.summerwind.dev/linked-resources  Pod

    Finalizers of Kubernetes itself
      foregroundDeletion                          any object deleted with…
      orphan                                      any object deleted with orphan…
      customresourcecleanup.apiextensions.k8s.io  CustomResourceDefinition
      kubernetes                                  Namespace

    Annotations
      runner-scale-set-id                              AutoscalingRunnerSet
      actions.github.com/runner-scale-set-name         AutoscalingRunnerSet…
      runner-scale-set-name                            AutoscalingRunnerSet…
      actions.github.com/runner-group-name             AutoscalingRunnerSet…
      actions.github.com/cleanup-github-secret-name    AutoscalingRunnerSet
      actions.github.com/cleanup-manager-role-binding  AutoscalingRunnerSet
      actions.github.com/cleanup-manager-role-name     AutoscalingRunnerSet
      actions.github.com/cleanup-kubernetes-mode-role-binding-name
      actions.github.com/cleanup-kubernetes-mode-role-name  AutoscalingRunnerSet
      actions.github.com/cleanup-kubernetes-mode-service-account-name
      actions.github.com/cleanup-no-permission-service-account-name
      actions.github.com/values-hash                   AutoscalingRunnerSet…
      actions.github.com/runner-spec-hash              EphemeralRunnerSet…
      actions.github.com/change-hash                   AutoscalingRunnerSet
      actions.github.com/integrity-hash                AutoscalingRunnerSet…
      actions.github.com/patch-id                      EphemeralRunner

    Labels
      actions.github.com/scale-set-name       everything that belongs to a runner…
      actions.github.com/scale-set-namespace  everything that belongs to a runner…
      app.kubernetes.io/version               everything the charts make; copied to…
      actions.github.com/controller-watch-single-namespace  the controller's…
      auto-scaling-listener-name              the listener's Role and RoleBinding…
      auto-scaling-listener-namespace         the listener's Role and RoleBinding…

    To read a page: kubectl arc explain NAME. Finalizers of others have pages as
    well, such as kubernetes.io/pvc-protection.
    ");
}

#[test]
fn a_page_of_a_class() {
    insta::assert_snapshot!(page("secret-missing", 80), @r"
    secret-missing
    The credential Secret does not exist.

    What it finds
      The next step asks GitHub for something, spec.githubConfigSecret names the
      Secret to do it with, and that Secret is not in the runner namespace. Or
      spec.proxy names one with the login of the proxy (credentialSecretRef), and
      that is not there.

    Why it blocks
      Runners and scale sets are removed at GitHub before their finalizers are taken
      off, and the controller reads the Secret anew for every attempt. A Secret that
      the user made himself has no finalizer: whoever deletes it before the runner
      set takes the key away too early.

    How to tell it from its neighbours
      rbac-missing: the Secret is there, but the controller may not read it; its log
      words both the same way. github-refuses: the Secret is there and GitHub does
      not take it.

    What to do
      Make the Secret again with credentials for the same organization or
      repository. It only has to live until the runner set is gone.

    What it costs
      None; the Secret stays until somebody deletes it. Letting go without GitHub
      instead leaves the scale set and the runners listed there.

    Read in
      controllers/actions.github.com/autoscalingrunnerset_controller.go
      controllers/actions.github.com/ephemeralrunnerset_controller.go
      apis/actions.github.com/v1alpha1/appconfig/appconfig.go
    ");
}

#[test]
fn a_page_of_a_finalizer_that_stands_on_two_kinds() {
    insta::assert_snapshot!(page("ephemeralrunner.actions.github.com/finalizer", 80), @r"
    ephemeralrunner.actions.github.com/finalizer
    A finalizer of ARC, on EphemeralRunner and EphemeralRunnerSet.

    Who puts it there
      The controller; set at creation from 0.13.1.

    Who takes it off
      The controller, after the registration finalizer is off.

    What that waits for
      Up to 0.10.1 until the runner's pod, its Secret and what container hooks left
      are gone; from 0.11.0 it only asks for their deletion (on an
      EphemeralRunnerSet up to 0.14.2: every EphemeralRunner it owns).

    What is lost if it is taken off by hand
      Pods and Secrets of container hooks may stay; never take it off while the
      registration finalizer is still there, the controller would not touch the
      runner again.

    Good to know
      The same name stands on two kinds. Up to 0.14.2 the EphemeralRunnerSet carries
      it too; development versions after that give the set a name of its own and
      take only that one off, so an EphemeralRunnerSet of an older version keeps
      this one for ever. There, and only there, taking it off by hand is the cure.

    Versions
      All.

    Read in
      controllers/actions.github.com/ephemeralrunner_controller.go
    ");
}

#[test]
fn a_page_of_a_finalizer_of_somebody_else() {
    insta::assert_snapshot!(page("karpenter.sh/termination", 80), @r"
    karpenter.sh/termination
    A finalizer that is not ARC's. It belongs to Karpenter (it may run outside the
    cluster).

    What is at stake
      The machine would be leaked.

    What to do
      Leave it to its owner: what is at stake lies outside the cluster, costs money,
      or is data. Only if the owner is gone for good, and you have seen to that,
      take this one finalizer off. The page foreign-finalizer tells how to find the
      owner.

    Names
      All that match karpenter.sh/*.

    Read in
      kubernetes-sigs/karpenter
    ");
}

#[test]
fn a_page_of_an_annotation() {
    insta::assert_snapshot!(page("runner-scale-set-id", 80), @r"
    runner-scale-set-id
    An annotation, on AutoscalingRunnerSet.

    What it means
      The number of the scale set at GitHub. While it is there, a deletion of the
      runner set first deletes that scale set and needs the credential Secret for
      it; without it, GitHub is not asked. The controller takes it off right after
      GitHub said yes.

    Versions
      All.

    Read in
      controllers/actions.github.com/autoscalingrunnerset_controller.go
    ");
}

/// A name may be wider than the paper, for it is to be copied; nothing else may.
#[test]
fn nothing_but_names_is_wider_than_the_paper() {
    for width in [40, 60, 80, 120] {
        let sheet = Sheet { width, ascii: true };
        let pages = manual::topics().into_iter().map(|topic| article(&topic.article(), sheet).to_string());
        for text in pages.chain([index(&manual::index(), sheet).to_string()]) {
            for line in text.lines().filter(|line| line.width() > width) {
                assert!(!line.trim().contains(' '), "{width}: {line}");
            }
            assert!(text.is_ascii(), "{text}");
        }
    }
}

#[test]
fn what_does_not_fit_is_cut_after_a_word() {
    assert_eq!(cut("one two three", 13, "…"), "one two three");
    assert_eq!(cut("listener, which is long", 20, "…"), "listener, which is…");
    assert_eq!(cut("one, two three four five", 16, "..."), "one, two...");
    assert_eq!(cut("AutoscalingRunnerSet", 13, "…"), "");
}

#[test]
fn class_names_stand_out() {
    let plain = |piece| (piece, false);
    assert_eq!(
        pieces("mostly (secret-missing, rbac-missing)"),
        [
            plain("mostly "),
            plain("("),
            ("secret-missing", true),
            plain(", "),
            ("rbac-missing", true),
            plain(")"),
        ]
    );
}
