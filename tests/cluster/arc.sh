#!/usr/bin/env bash
# A check by hand that ARC itself runs in the box: its controller and listener
# work, scale, clean up, and get stuck where they should. Prints what it saw;
# the first failure ends it.
. "$(dirname "$0")/common.sh"

arc() { # install|upgrade NAMESPACE TAG [HELM-ARGS...]: the controller
  $helm "$1" arc "$bin/charts/$3/gha-runner-scale-set-controller" -n "$2" --create-namespace --wait --timeout 90s "${@:4}" >/dev/null
}
runner_set() { # NAMESPACE NAME TAG [HELM-ARGS...]
  $helm install "$2" "$bin/charts/$3/gha-runner-scale-set" -n "$1" --create-namespace \
    --set githubConfigUrl="$url/org-$1" --set githubConfigSecret.github_token=any "${@:4}" >/dev/null
}
state() { curl -sf "$url/state"; }
empty() { holds '"runners":\[\],"scaleSets":\[\],"sessions":\[\]' state; }
tell() { curl -sf "$url/$1" -d "$2"; } # CONTROL BODY
assign() { tell assign "{\"scaleSet\":$(state | sed 's/.*"id":\([0-9]*\),"name":"'"$1"'".*/\1/'),\"jobs\":$2}"; }
runners() { # NAMESPACE NUMBER: so many runner pods run
  [ "$($kubectl -n "$1" get pods --no-headers 2>/dev/null | grep -c ' Running ')" = "$2" ]
}
listens() { # NAMESPACE NAME: its listener runs and has a session
  holds Running "$kubectl" -n "$1" get pods -l "actions.github.com/scale-set-name=$2" &&
    holds "messageQueueUrl" state && holds "waiting for message" "$kubectl" -n "$1" logs -l "actions.github.com/scale-set-name=$2"
}
logged() { holds "$2" "$kubectl" -n "$1" logs deploy/arc-gha-rs-controller --tail=-1; } # NAMESPACE TEXT
left() { # NAMESPACE...: what is there of ARC's, with deletion times and finalizers
  for namespace; do
    $kubectl -n "$namespace" get autoscalingrunnersets,autoscalinglisteners,ephemeralrunnersets,ephemeralrunners,pods,secrets,serviceaccounts,roles,rolebindings \
      --no-headers -o custom-columns=K:.kind,N:.metadata.name,D:.metadata.deletionTimestamp,F:.metadata.finalizers 2>/dev/null |
      grep -v -e '^ServiceAccount  *default ' -e 'sh.helm.release' || true
  done
}
gone() { [ -z "$(left "$@")" ]; }
terminating() { # NAMESPACE NUMBER: so many objects are, held by finalizers
  [ "$(left "$1" | grep -v '<none>' | grep -c 'actions.github.com')" = "$2" ]
}

arc install arc-system 0.6.1
say "controller installed"
runner_set runners ci 0.6.1
within 60 "its listener has a session" listens arc-system ci
assign ci 2
within 60 "two jobs, two runners" runners runners 2
runner=$($kubectl -n runners get pods -o 'jsonpath={.items[0].metadata.name}')
tell busy "{\"runner\":\"$runner\",\"busy\":true}"
within 30 "ARC notes the job on its runner" holds '[1-9]' "$kubectl" -n runners get ephemeralrunner "$runner" -o 'jsonpath={.status.jobRequestId}'
$kubectl -n runners annotate pod "$runner" box/pod=succeed >/dev/null
tell finish "{\"runner\":\"$runner\"}"
within 60 "the job is done, its runner gone" not "$kubectl" -n runners get ephemeralrunner "$runner"
$helm uninstall ci -n runners >/dev/null
within 60 "right order: GitHub holds nothing" empty
within 60 "right order: nothing is left" gone runners

runner_set runners ci 0.6.1
within 60 "installed again" listens arc-system ci
assign ci 1
within 60 "one job, one runner" runners runners 1
$helm uninstall arc -n arc-system >/dev/null
$helm uninstall ci -n runners >/dev/null
sleep 5
terminating runners 5 || fail "wrong order: not stuck but $(left runners)"
! empty || fail "wrong order: GitHub was cleaned up"
say "wrong order: five objects Terminating, the scale set still at GitHub"
arc install arc-system 0.6.1
within 60 "the controller is back: all drains" gone runners
within 60 "GitHub holds nothing" empty

$helm uninstall arc -n arc-system >/dev/null
arc install arc-system 0.9.1
runner_set gate old 0.9.0
within 60 "a set of another version is deleted at once" logged arc-system "version doesn't match the build version"
within 60 "its helpers stay protected" holds cleanup-protection left gate
! $kubectl -n gate get autoscalingrunnerset old >/dev/null 2>&1 || fail "the set is still there"

runner_set moved mv 0.9.1
within 60 "a set of its own version works" listens arc-system mv
$helm uninstall arc -n arc-system >/dev/null
arc install arc-new 0.9.1
within 60 "the controller moved: Forbidden" logged arc-new 'is forbidden: User ."system:serviceaccount:arc-new:'
$helm uninstall mv -n moved >/dev/null
sleep 5
terminating moved 5 || fail "moved: not stuck but $(left moved)"
say "the controller moved: its set is stuck"

pod=$($kubectl -n arc-new get pods -o name)
$kubectl -n arc-new annotate "$pod" box/pod=hung >/dev/null
sleep 2
before=$($kubectl -n arc-new logs "$pod" --tail=-1 | wc -l)
sleep 3
[ "$($kubectl -n arc-new logs "$pod" --tail=-1 | wc -l)" = "$before" ] || fail "a hung controller goes on"
holds 1/1 "$kubectl" -n arc-new get "$pod" || fail "a hung controller is not Ready"
say "a hung controller is Ready and does nothing"
$kubectl -n arc-new annotate "$pod" box/pod=crash-loop --overwrite >/dev/null
within 10 "it crashes as told" holds CrashLoopBackOff "$kubectl" -n arc-new get "$pod"
$kubectl -n arc-new annotate "$pod" box/pod- >/dev/null
within 10 "and runs again" holds 1/1 "$kubectl" -n arc-new get "$pod"
$kubectl -n arc-new delete serviceaccount arc-gha-rs-controller >/dev/null
within 60 "without its ServiceAccount it is nobody" logged arc-new Unauthorized
$helm uninstall arc -n arc-new >/dev/null

$kubectl create namespace one >/dev/null
account=(--set controllerServiceAccount.namespace=arc-system --set controllerServiceAccount.name=arc-gha-rs-controller)
arc install arc-system 0.6.1 --set flags.watchSingleNamespace=one
runner_set one ci 0.6.1 "${account[@]}"
runner_set two ci 0.6.1 "${account[@]}"
within 60 "a controller for one namespace serves it" listens arc-system ci
! holds finalizers "$kubectl" -n two get autoscalingrunnerset ci -o 'jsonpath={.metadata}' || fail "it serves another"
say "and no other"

exec {other}> >(exec "$bin/controlplane" --dir "$work/other" >"$work/other.json")
other_pid=$!
within 60 "a second control plane" test -s "$work/other.json"
export KUBECONFIG=$work/other/kubeconfig
arc install arc-system 0.6.1
runner_set one ci 0.6.1
within 60 "one set of two clusters: the second listener gets no session" \
  holds "already has an active session" "$kubectl" -n arc-system logs -l actions.github.com/scale-set-name=ci

family() { pgrep -P "$plane_pid,$other_pid" || true; } # the pods' processes
[ "$(family | wc -l)" = 5 ] || fail "not two controllers and three listeners but $(family)"
started=$(family)
kill -KILL "$other_pid"
exec {plane}>&- {github}>&- {other}>&-
within 10 "all has ended, its programs too" not kill -0 "$plane_pid" "$github_pid" "$other_pid" $started
[ ! -e "$work/plane" ] || fail "the control plane left files behind"
