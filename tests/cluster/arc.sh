#!/usr/bin/env bash
# A check by hand that ARC itself runs in the box: its controller and listener
# work, scale, clean up, and get stuck where they should. Prints what it saw;
# the first failure ends it.
. "$(dirname "$0")/common.sh"

controller() { # install|upgrade NAMESPACE TAG [HELM-ARGS...]
  $helm "$1" arc "$bin/charts/$3/gha-runner-scale-set-controller" -n "$2" --create-namespace --wait --timeout 90s "${@:4}" >/dev/null
}
set_() { # NAMESPACE NAME TAG [HELM-ARGS...]
  $helm install "$2" "$bin/charts/$3/gha-runner-scale-set" -n "$1" --create-namespace \
    --set githubConfigUrl="$url/org-$1" --set githubConfigSecret.github_token=any "${@:4}" >/dev/null
}
state() { curl -sf "$url/state"; }
empty() { holds '"runners":\[\],"scaleSets":\[\],"sessions":\[\]' state; }
tell() { curl -sf "$url/$1" -d "$2"; } # CONTROL BODY
id() { state | sed 's/.*"id":\([0-9]*\),"name":"'"$1"'".*/\1/'; }
runners() { # NAMESPACE NUMBER: so many runner pods run
  [ "$($kubectl -n "$1" get pods --no-headers 2>/dev/null | grep -c ' Running ')" = "$2" ]
}
listener() { # NAME: its pod runs and holds a session
  holds "Running" "$kubectl" -n arc-system get pods -l "actions.github.com/scale-set-name=$1" &&
    holds "\"name\":\"$1\".*messageQueueUrl" state
}
kinds=autoscalingrunnersets,autoscalinglisteners,ephemeralrunnersets,ephemeralrunners
left() { # NAMESPACE...: ARC's objects and what it protects
  for namespace; do
    $kubectl -n "$namespace" get "$kinds",pods,secrets,serviceaccounts,roles,rolebindings --no-headers \
      -o custom-columns=K:.kind,N:.metadata.name,D:.metadata.deletionTimestamp,F:.metadata.finalizers 2>/dev/null |
      grep -v -e '^ServiceAccount  *default ' -e 'sh.helm.release' || true
  done
}
terminating() { # NAMESPACE: something is, and all of it is
  [ -n "$(left "$1")" ] && ! grep -q '<none>  *\[.*actions.github.com' <<<"$(left "$1")"
}

controller install arc-system 0.6.1
say "controller 0.6.1 installed"
set_ runners ci 0.6.1
within 60 "its listener runs and has a session" listener ci
pod=$($kubectl -n arc-system get pods -l app.kubernetes.io/component=runner-scale-set-listener -o name)
holds "waiting for message" "$kubectl" -n arc-system logs "$pod" || fail "no log of the listener"
say "kubectl logs shows the listener's"

tell assign "{\"scaleSet\":$(id ci),\"jobs\":2}"
within 60 "two jobs, two runners" runners runners 2
runner=$($kubectl -n runners get ephemeralrunners -o 'jsonpath={.items[0].metadata.name}')
tell busy "{\"runner\":\"$runner\",\"busy\":true}"
within 30 "ARC notes the job on its runner" holds '"jobRequestId":[1-9]' "$kubectl" -n runners get ephemeralrunner "$runner" -o json
$kubectl -n runners annotate pod "$runner" box/pod=succeed >/dev/null
tell finish "{\"runner\":\"$runner\"}"
within 60 "the job is done, its runner gone" not "$kubectl" -n runners get ephemeralrunner "$runner"

$helm uninstall ci -n runners >/dev/null
within 60 "the set is uninstalled, GitHub holds nothing" empty
within 60 "nothing is left of it" test -z "$(left runners)"
