//! Every sample at 80 columns, as piped.

use super::*;

#[test]
fn a_secret_is_missing_behind_an_uninstall() {
    insta::assert_snapshot!(shown("secret missing", 80), @r#"
    Blocked: AutoscalingRunnerSet arc-release/release-ci, deleting for 3h7m. It will
    not end by itself.

    Root blocker: secret-missing (proven)
      Secret arc-release/gh-app-release does not exist; the controller needs it to
      deregister the runners and scale set 17.

    What waits for what
      AutoscalingRunnerSet arc-release/release-ci (deleting 3h7m)
      │ stage: runners
      │ why: finalizer autoscalingrunnerset.actions.github.com/finalizer
      └─ EphemeralRunnerSet arc-release/release-ci (deleting 3h6m)
         │ why: finalizer ephemeralrunnerset.actions.github.com/finalizer
         ├─ EphemeralRunner arc-release/release-ci-runner-9xk2p
         │  │ why: deregistering it needs the credentials in this Secret
         │  │ finalizers:
         │  │   ephemeralrunner.actions.github.com/runner-registration-finalizer,
         │  │   ephemeralrunner.actions.github.com/finalizer
         │  └─ Secret arc-release/gh-app-release (missing)  ◀ root
         └─ 1 more EphemeralRunner like this: arc-release/release-ci-runner-kq7vw

    How we know
      AutoscalingRunnerSet arc-release/release-ci  spec.githubConfigSecret =
        gh-app-release
      Secret arc-release/gh-app-release  exists = no
      Pod arc-systems/arc-gha-rs-controller-6d9f8c7b5-x2lqp  log: Failed to clean up
        EphemeralRunners: failed to resolve app config: failed to get kubernetes
        secret: "arc-release/gh-app-release"

    Way out (restore-secret): Create the Secret again with the keys it had.
      It costs nothing and leaves nothing behind. It needs a value that only you
      have.

        kubectl create secret generic gh-app-release -n arc-release --from-literal=github_token="${GITHUB_TOKEN:?}"

    Another way (-v prints the commands)
      drop-scale-set-id (leaves an entry at GitHub): Take the scale-set id off the
        runner set, so that nothing at GitHub is asked for. Stays behind: runner
        scale set 17 "release-ci" at https://github.com/acme

    The manual page of this class:
        kubectl arc explain secret-missing
    "#);
}

#[test]
fn many_targets_share_one_root() {
    insta::assert_snapshot!(shown("four CRDs", 80), @r#"
    Blocked: 4 CRDs, the oldest deleting for 9m20s. They will not end by themselves.
    As of 2026-11-21 06:14:53 UTC (file, context prod).

    Root blocker: controller-gone (proven)
      No ARC controller runs in this cluster, so nobody takes the finalizers off.

    What waits for what
      CRD autoscalingrunnersets.actions.github.com (deleting 9m20s)
      │ why: instances of it still exist
      ├─ AutoscalingRunnerSet arc-build/build (deleting 9m19s)
      │  │ why: finalizer autoscalingrunnerset.actions.github.com/finalizer
      │  └─ Deployment arc-systems/arc-gha-rs-controller (missing)  ◀ root
      └─ 1 more AutoscalingRunnerSet like this: arc-web/web
      CRD autoscalinglisteners.actions.github.com (deleting 9m20s)
      │ why: instances of it still exist
      ├─ AutoscalingListener arc-systems/build-754b578d-listener (deleting 9m19s)
      │  │ why: finalizer autoscalinglistener.actions.github.com/finalizer
      │  └─ Deployment arc-systems/arc-gha-rs-controller (missing)  ◀ root
      └─ 1 more AutoscalingListener like this: arc-systems/web-6c9d77f5-listener
      CRD ephemeralrunnersets.actions.github.com (deleting 9m20s)
      │ why: instances of it still exist
      ├─ EphemeralRunnerSet arc-build/build (deleting 9m19s)
      │  │ why: finalizer ephemeralrunnerset.actions.github.com/finalizer
      │  └─ Deployment arc-systems/arc-gha-rs-controller (missing)  ◀ root
      └─ 1 more EphemeralRunnerSet like this: arc-web/web
      CRD ephemeralrunners.actions.github.com (deleting 9m20s)
      │ why: instances of it still exist
      ├─ EphemeralRunner arc-build/build-runner-4xk2m (deleting 9m19s)
      │  │ why: finalizer ephemeralrunner.actions.github.com/finalizer
      │  └─ Deployment arc-systems/arc-gha-rs-controller (missing)  ◀ root
      └─ 1 more EphemeralRunner like this: arc-web/web-runner-m9x2d

    How we know
      Deployment arc-systems/arc-gha-rs-controller  exists = no
      Namespace arc-systems  pods labelled
        app.kubernetes.io/part-of=gha-rs-controller = none

    Way out (reinstall-controller): Install the controller's chart again in the
      version that made the objects, 0.14.2.
      It costs nothing and leaves nothing behind. It is left to you: not all that it
      takes is in the cluster.

        helm install arc oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set-controller --version 0.14.2 -n arc-systems

    The manual page of this class:
        kubectl arc explain controller-gone
    "#);
}

#[test]
fn a_deadlock_is_drawn_as_a_cycle() {
    insta::assert_snapshot!(shown("argo deadlock", 80), @r#"
    Blocked: 2 RoleBindings, 2 Roles and 1 ServiceAccount, the oldest deleting for
    5m5s. They will not end by themselves.

    Root blocker: gitops-delete-deadlock (proven)
      Argo CD waits for 5 protected objects to go before it deletes
      AutoscalingRunnerSet arc-ml/ml, and only deleting that releases them.

    What waits for what
      ┌─▶ RoleBinding arc-ml/ml-gha-rs-kube-mode (deleting 5m5s)
      │   │ why: finalizer actions.github.com/cleanup-protection
      │   │ 4 more likewise: Role arc-ml/ml-gha-rs-kube-mode, ServiceAccount
      │   │   arc-ml/ml-gha-rs-kube-mode, RoleBinding arc-ml/ml-gha-rs-manager, Role
      │   │   arc-ml/ml-gha-rs-manager
      │   ▼
      │   AutoscalingRunnerSet arc-ml/ml
      │   │ why: only a deletion of the runner set takes the finalizers off, and it
      │   │   is not being deleted
      │   ▼
      │   Argo CD
      │   │ why: it deletes the runner set only after these are gone
      └───┘ waits for the first again: a deadlock  ◀ root

    How we know
      RoleBinding arc-ml/ml-gha-rs-kube-mode  metadata.finalizers =
        [actions.github.com/cleanup-protection]
      RoleBinding arc-ml/ml-gha-rs-kube-mode  metadata.deletionTimestamp =
        2026-11-21T06:09:48Z
      AutoscalingRunnerSet arc-ml/ml  metadata.deletionTimestamp = absent
      AutoscalingRunnerSet arc-ml/ml  metadata.managedFields[0].manager =
        argocd-controller
      AutoscalingRunnerSet arc-ml/ml
        metadata.annotations['actions.github.com/cleanup-manager-role-name'] =
        ml-gha-rs-manager

    Way out (delete-runner-set): Delete the runner set; the controller then releases
      the rest.
      Re-applying undoes it.

        kubectl delete autoscalingrunnersets.actions.github.com ml -n arc-ml --wait=false

    The manual page of this class:
        kubectl arc explain gitops-delete-deadlock
    "#);
}

#[test]
fn two_roots_are_numbered_in_the_order_to_fix_them() {
    insta::assert_snapshot!(shown("controller moved", 80), @r#"
    Blocked: Namespace arc-runners, deleting for 2d4h. It will not end by itself.
    Root blockers 1 and 2.
    Clear: AutoscalingRunnerSet arc-web/web.

    2 root blockers, in the order to fix them
    1. controller-gone (likely)
       The controller that watched namespace arc-old is gone, and the one in arc-new
       does not watch there.
    2. rbac-missing (proven)
       RoleBinding arc-runners/arc-gha-rs-manager names ServiceAccount
       arc-old/arc-gha-rs-controller; the controller runs as
       arc-new/arc-gha-rs-controller.

    What waits for what
      Namespace arc-runners (deleting 2d4h)
      │ why: it still holds content
      └─ AutoscalingRunnerSet arc-runners/arc (deleting 2d3h)
         │ stage: listener
         │ why: finalizer autoscalingrunnerset.actions.github.com/finalizer
         ├─ RoleBinding arc-runners/arc-gha-rs-manager (to be put right)  ◀ root 2
         └─ AutoscalingListener arc-old/arc-754b578d-listener (deleting 2d3h)
            │ why: finalizer autoscalinglistener.actions.github.com/finalizer
            └─ Deployment arc-old/arc-gha-rs-controller (missing)  ◀ root 1

    1. controller-gone (likely)
       How we know
         Deployment arc-old/arc-gha-rs-controller  exists = no

       Way out (release-listener): Take the finalizer off the old listener, whose
         pod is gone.
         It costs nothing and leaves nothing behind.

           kubectl patch autoscalinglisteners.actions.github.com arc-754b578d-listener -n arc-old --type=json -p '[{"op":"remove","path":"/metadata/finalizers/0"}]'

       The manual page of this class:
           kubectl arc explain controller-gone

    2. rbac-missing (proven)
       It also holds up 1 Namespace.
       How we know
         RoleBinding arc-runners/arc-gha-rs-manager  subjects[0].namespace = arc-old
         RoleBinding arc-runners/arc-gha-rs-manager  access:
           arc-new:arc-gha-rs-controller may not patch rolebindings in arc-runners

       Way out (fix-subject): Point the RoleBinding at the ServiceAccount the
         controller runs as.
         It costs nothing and leaves nothing behind.

           kubectl patch rolebinding arc-gha-rs-manager -n arc-runners --type=json -p '[{"op":"replace","path":"/subjects/0/namespace","value":"arc-new"}]'

       The manual page of this class:
           kubectl arc explain rbac-missing
    "#);
}

#[test]
fn alike_roots_and_siblings_are_told_once() {
    insta::assert_snapshot!(shown("many pods", 80), @r#"
    Blocked: AutoscalingRunnerSet arc-web/web, for 11m. It will not come right by
    itself.

    Root blocker: pod-cannot-start (proven)
      Pod arc-web/web-runner-00abc cannot pull its image
      ghcr.io/acme/runner:v2\u{1b}[2J\u{202e}.
      And 13 more like this: arc-web/web-runner-01abc, arc-web/web-runner-02abc,
        arc-web/web-runner-03abc, arc-web/web-runner-04abc, and 9 more (-v names
        them).

    What waits for what
      AutoscalingRunnerSet arc-web/web (waits 11m)
      │ why: its runners do not come up
      └─ EphemeralRunnerSet arc-web/web
         │ why: its runners do not come up
         ├─ EphemeralRunner arc-web/web-runner-00abc (waits 11m)
         │  │ stage: pod
         │  │ why: its pod does not start
         │  └─ Pod arc-web/web-runner-00abc  ◀ root
         └─ 13 more EphemeralRunners like this

    How we know
      Pod arc-web/web-runner-00abc  status.containerStatuses[0].state.waiting.reason
        = ImagePullBackOff

    Way out (fix-image): Give the runner set an image that exists.
      It costs nothing and leaves nothing behind. It is left to you: not all that it
      takes is in the cluster.

    Another way (-v prints the commands)
      delete-pod (a running job may die): Delete the pod so that it is made anew.

    The manual page of this class:
        kubectl arc explain pod-cannot-start
    "#);
}

#[test]
fn what_ends_by_itself_says_why() {
    insta::assert_snapshot!(shown("waiting", 80), @r#"
    Waiting: AutoscalingRunnerSet arc-tools/tools, deleting for 95s. It should end
    by itself.
      EphemeralRunner arc-tools/tools-runner-pl4tq still runs job "build" (run
        4711); it is left alone until that ends.
    "#);
}

#[test]
fn what_time_will_not_end_is_not_said_to_end() {
    insta::assert_snapshot!(shown("ahead", 80), @r#"
    Waiting: AutoscalingRunnerSet arc-ci/ci, deleting for 57s. Time alone will not
    end it.
      AutoscalingRunnerSet arc-ci/ci: its deletion was asked for 57s ago, and 120s
        is nothing unusual.
      secret-missing is ahead: Secret arc-ci/gh-app does not exist; the controller
        needs it to remove scale set 309.
      Ask again when it is 2 minutes old: then the ways out are told.
    "#);
}

#[test]
fn a_healthy_cluster_is_told_in_two_lines() {
    insta::assert_snapshot!(shown("healthy", 80), @r#"
    Nothing is blocked. Looked at AutoscalingRunnerSet arc-web/web and
    AutoscalingRunnerSet arc-tools/tools.
    Controller arc-systems/arc-gha-rs-controller 0.14.2, 1 ready.
    "#);
}

#[test]
fn what_could_not_be_read_is_named() {
    insta::assert_snapshot!(shown("unknown", 80), @r#"
    Cannot say: AutoscalingRunnerSet limited/arc, deleting for 5m12s. Whether it
    will end by itself depends on what could not be read.
      Whether Secret limited/gh-app exists could not be read.

    Could not be read
      Secret in limited: forbidden: User "dev" cannot list resource "secrets" in API
        group "" in the namespace "limited"; could hide secret-missing
      Deployment: unread; could hide legacy-webhook-dead, admission-refuses,
        controller-gone, controller-not-reconciling and 5 more
    "#);
}

#[test]
fn notices_block_nothing() {
    insta::assert_snapshot!(shown("left behind", 80), @r#"
    Nothing is blocked.

    Worth knowing (blocks nothing)
      crd-left-behind
        CRD autoscalinglisteners.actions.github.com stayed after the controller was
        uninstalled and will not be upgraded by Helm.
        And 3 more like this: autoscalingrunnersets.actions.github.com,
          ephemeralrunners.actions.github.com,
          ephemeralrunnersets.actions.github.com.

        Way out (delete-crd): Delete the CRD; no instance of it is left.
          Re-applying undoes it.

            kubectl delete crd autoscalinglisteners.actions.github.com
            kubectl delete crd autoscalingrunnersets.actions.github.com
            kubectl delete crd ephemeralrunners.actions.github.com
            kubectl delete crd ephemeralrunnersets.actions.github.com
    "#);
}

#[test]
fn a_way_out_that_costs_more_is_told_by_itself() {
    let mut answer = samples::named("many pods");
    let way = answer.roots[13].remedies.first_mut().unwrap();
    way.loss = crate::diagnose::Loss::Reversible;
    way.title = "When there is a new image, give it to the runner set".to_owned();
    let text = diagnosis(&answer, &WIDE).to_string();
    assert!(text.contains("And 12 more like this"), "{text}");
    assert!(text.contains("When there is a new image"), "{text}");
    assert_eq!(text.matches("It costs nothing").count(), 1, "{text}");
}

/// Each has two commands, and the last one others than those before it.
#[test]
fn of_many_commands_whole_ways_are_left_out_and_none_of_another_kind() {
    let mut answer = samples::named("many pods");
    for (n, root) in answer.roots.iter_mut().enumerate() {
        let pod = root.object.id.name.clone();
        let verb = if n == 13 { "annotate" } else { "label" };
        let commands = [format!("kubectl {verb} pod {pod} a=b"), format!("kubectl delete pod {pod}")];
        root.remedies = vec![samples::remedy(
            "delete-pod",
            "Delete it",
            crate::diagnose::Loss::None,
            crate::diagnose::Applicability::Automatic,
            &commands.each_ref().map(String::as_str),
        )];
    }
    let text = diagnosis(&answer, &WIDE).to_string();
    for n in 0..14 {
        let whole = n < 4 || n == 13;
        let pod = format!("pod web-runner-{n:02}abc");
        assert_eq!(text.matches(&pod).count(), if whole { 2 } else { 0 }, "{pod}: {text}");
    }
    let (said, first) =
        (text.find("# 10 of 28 such commands; -v prints them all"), text.find("kubectl label"));
    assert!(said.is_some() && said < first, "{text}");
    let verbose = diagnosis(&answer, &Style { verbose: true, ..WIDE }).to_string();
    assert_eq!(verbose.matches("kubectl delete pod").count(), 14, "{verbose}");
}
