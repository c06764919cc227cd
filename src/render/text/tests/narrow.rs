//! The same at 40 columns: hanging lines, names broken after a mark, commands whole.

use super::shown;

#[test]
fn a_chain_on_a_narrow_terminal() {
    insta::assert_snapshot!(shown("secret missing", 40), @r#"
    Blocked: AutoscalingRunnerSet
    arc-release/release-ci, deleting for
    3h7m. It will not end by itself.

    Root blocker: secret-missing (proven)
      Secret arc-release/gh-app-release does
      not exist; the controller needs it to
      deregister the runners and scale set
      17.

    What waits for what
      AutoscalingRunnerSet
      │   arc-release/release-ci (deleting
      │   3h7m)
      │ stage: runners
      │ why: finalizer
      │   autoscalingrunnerset.actions.
      │   github.com/finalizer
      └─ EphemeralRunnerSet
         │   arc-release/release-ci
         │   (deleting 3h6m)
         │ why: finalizer
         │   ephemeralrunnerset.actions.
         │   github.com/finalizer
         ├─ EphemeralRunner
         │  │   arc-release/release-ci-
         │  │   runner-9xk2p
         │  │ why: deregistering it needs
         │  │   the credentials in this
         │  │   Secret
         │  │ finalizers:
         │  │   ephemeralrunner.actions.
         │  │   github.com/runner-
         │  │   registration-finalizer,
         │  │   ephemeralrunner.actions.
         │  │   github.com/finalizer
         │  └─ Secret
         │       arc-release/gh-app-release
         │       (missing)  ◀ root
         └─ 1 more EphemeralRunner like
              this:
              arc-release/release-ci-runner-
              kq7vw

    How we know
      AutoscalingRunnerSet
        arc-release/release-ci
        spec.githubConfigSecret =
        gh-app-release
      Secret arc-release/gh-app-release
        exists = no
      Pod
        arc-systems/arc-gha-rs-controller-
        6d9f8c7b5-x2lqp  log: Failed to
        clean up EphemeralRunners: failed to
        resolve app config: failed to get
        kubernetes secret:
        "arc-release/gh-app-release"

    Way out (restore-secret): Create the
      Secret again with the keys it had.
      It costs nothing and leaves nothing
      behind. It needs a value that only you
      have.

        kubectl create secret generic gh-app-release -n arc-release --from-literal=github_token="${GITHUB_TOKEN:?}"

    Another way (-v prints the commands)
      drop-scale-set-id (leaves an entry at
        GitHub): Take the scale-set id off
        the runner set, so that nothing at
        GitHub is asked for. Stays behind:
        runner scale set 17 "release-ci" at
        https://github.com/acme

    The manual page of this class:
        kubectl arc explain secret-missing
    "#);
}

#[test]
fn a_cycle_on_a_narrow_terminal() {
    insta::assert_snapshot!(shown("argo deadlock", 40), @r#"
    Blocked: 2 RoleBindings, 2 Roles and 1
    ServiceAccount, the oldest deleting for
    5m5s. They will not end by themselves.

    Root blocker: gitops-delete-deadlock
    (proven)
      Argo CD waits for 5 protected objects
      to go before it deletes
      AutoscalingRunnerSet arc-ml/ml, and
      only deleting that releases them.

    What waits for what
      ┌─▶ RoleBinding
      │   │   arc-ml/ml-gha-rs-kube-mode
      │   │   (deleting 5m5s)
      │   │ why: finalizer
      │   │   actions.github.com/cleanup-
      │   │   protection
      │   │ 4 more likewise: Role
      │   │   arc-ml/ml-gha-rs-kube-mode,
      │   │   ServiceAccount
      │   │   arc-ml/ml-gha-rs-kube-mode,
      │   │   RoleBinding
      │   │   arc-ml/ml-gha-rs-manager, Role
      │   │   arc-ml/ml-gha-rs-manager
      │   ▼
      │   AutoscalingRunnerSet arc-ml/ml
      │   │ why: only a deletion of the
      │   │   runner set takes the
      │   │   finalizers off, and it is not
      │   │   being deleted
      │   ▼
      │   Argo CD
      │   │ why: it deletes the runner set
      │   │   only after these are gone
      └───┘ waits for the first again: a
            deadlock  ◀ root

    How we know
      RoleBinding arc-ml/ml-gha-rs-kube-mode
        metadata.finalizers =
        [actions.github.com/cleanup-
        protection]
      RoleBinding arc-ml/ml-gha-rs-kube-mode
        metadata.deletionTimestamp =
        2026-11-21T06:09:48Z
      AutoscalingRunnerSet arc-ml/ml
        metadata.deletionTimestamp = absent
      AutoscalingRunnerSet arc-ml/ml
        metadata.managedFields[0].manager =
        argocd-controller
      AutoscalingRunnerSet arc-ml/ml
        metadata.annotations['actions.
        github.com/cleanup-manager-role-
        name'] = ml-gha-rs-manager

    Way out (delete-runner-set): Delete the
      runner set; the controller then
      releases the rest.
      Re-applying undoes it.

        kubectl delete autoscalingrunnersets.actions.github.com ml -n arc-ml --wait=false

    The manual page of this class:
        kubectl arc explain gitops-delete-deadlock
    "#);
}

#[test]
fn roots_on_a_narrow_terminal() {
    insta::assert_snapshot!(shown("controller moved", 40), @r#"
    Blocked: Namespace arc-runners, deleting
    for 2d4h. It will not end by itself.
    Root blockers 1 and 2.
    Clear: AutoscalingRunnerSet arc-web/web.

    2 root blockers, in the order to fix
    them
    1. controller-gone (likely)
       The controller that watched namespace
       arc-old is gone, and the one in
       arc-new does not watch there.
    2. rbac-missing (proven)
       RoleBinding
       arc-runners/arc-gha-rs-manager names
       ServiceAccount
       arc-old/arc-gha-rs-controller; the
       controller runs as
       arc-new/arc-gha-rs-controller.

    What waits for what
      Namespace arc-runners (deleting 2d4h)
      │ why: it still holds content
      └─ AutoscalingRunnerSet
         │   arc-runners/arc (deleting 2d3h)
         │ stage: listener
         │ why: finalizer
         │   autoscalingrunnerset.actions.
         │   github.com/finalizer
         ├─ RoleBinding
         │    arc-runners/arc-gha-rs-manager
         │    (to be put right)  ◀ root 2
         └─ AutoscalingListener
            │   arc-old/arc-754b578d-
            │   listener (deleting 2d3h)
            │ why: finalizer
            │   autoscalinglistener.actions.
            │   github.com/finalizer
            └─ Deployment
                 arc-old/arc-gha-rs-
                 controller (missing)  ◀
                 root 1

    1. controller-gone (likely)
       How we know
         Deployment
           arc-old/arc-gha-rs-controller
           exists = no

       Way out (release-listener): Take the
         finalizer off the old listener,
         whose pod is gone.
         It costs nothing and leaves nothing
         behind.

           kubectl patch autoscalinglisteners.actions.github.com arc-754b578d-listener -n arc-old --type=json -p '[{"op":"remove","path":"/metadata/finalizers/0"}]'

       The manual page of this class:
           kubectl arc explain controller-gone

    2. rbac-missing (proven)
       It also holds up 1 Namespace.
       How we know
         RoleBinding
           arc-runners/arc-gha-rs-manager
           subjects[0].namespace = arc-old
         RoleBinding
           arc-runners/arc-gha-rs-manager
           access:
           arc-new:arc-gha-rs-controller may
           not patch rolebindings in
           arc-runners

       Way out (fix-subject): Point the
         RoleBinding at the ServiceAccount
         the controller runs as.
         It costs nothing and leaves nothing
         behind.

           kubectl patch rolebinding arc-gha-rs-manager -n arc-runners --type=json -p '[{"op":"replace","path":"/subjects/0/namespace","value":"arc-new"}]'

       The manual page of this class:
           kubectl arc explain rbac-missing
    "#);
}

#[test]
fn gaps_on_a_narrow_terminal() {
    insta::assert_snapshot!(shown("unknown", 40), @r#"
    Cannot say: AutoscalingRunnerSet
    limited/arc, deleting for 5m12s. Whether
    it will end by itself depends on what
    could not be read.
      Whether Secret limited/gh-app exists
        could not be read.

    Could not be read
      Secret in limited: forbidden: User
        "dev" cannot list resource "secrets"
        in API group "" in the namespace
        "limited"; could hide secret-missing
      Deployment: unread; could hide
        legacy-webhook-dead,
        admission-refuses, controller-gone,
        controller-not-reconciling and 5
        more
    "#);
}

#[test]
fn notices_on_a_narrow_terminal() {
    insta::assert_snapshot!(shown("left behind", 40), @r#"
    Nothing is blocked.

    Worth knowing (blocks nothing)
      crd-left-behind
        CRD
        autoscalinglisteners.actions.github.
        com stayed after the controller was
        uninstalled and will not be upgraded
        by Helm.
        And 3 more like this:
          autoscalingrunnersets.actions.
          github.com,
          ephemeralrunners.actions.github.
          com,
          ephemeralrunnersets.actions.
          github.com.

        Way out (delete-crd): Delete the
          CRD; no instance of it is left.
          Re-applying undoes it.

            kubectl delete crd autoscalinglisteners.actions.github.com
            kubectl delete crd autoscalingrunnersets.actions.github.com
            kubectl delete crd ephemeralrunners.actions.github.com
            kubectl delete crd ephemeralrunnersets.actions.github.com
    "#);
}
