#!/usr/bin/env bash
# A check by hand that the box's parts build, start, do what they are for, and
# leave nothing behind. Prints what it saw; the first failure ends it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${BOX_BIN:-${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-arc-box}
work=$(mktemp -d)
trap 'exec {plane}>&- {github}>&- || true; sleep 1; rm -rf "$work"' EXIT
say() { printf '%6.1fs  %s\n' "$(bc -l <<<"$(date +%s.%N) - $begun")" "$*"; }
fail() { say "FAILED: $*"; exit 1; }
within() { # SECONDS WHAT COMMAND...: until the command succeeds
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "$what"
    sleep 0.2
  done
  say "$what"
}
not() { ! "$@"; }
holds() { grep -q -- "$1" <<<"$("${@:2}" 2>&1)"; }
begun=$(date +%s.%N)

"$here/build.sh" "$bin"
say "built into $bin"

# Each part lives as long as the descriptor that feeds its standard input.
exec {plane}> >(exec "$bin/controlplane" --dir "$work/plane" >"$work/plane.json")
plane_pid=$!
exec {github}> >(exec "$bin/github" >"$work/github.json")
github_pid=$!
within 120 "control plane ready" test -s "$work/plane.json"
within 5 "GitHub stand-in ready" test -s "$work/github.json"
say "resident: control plane $(ps -o rss= -p "$plane_pid") KiB, stand-in $(ps -o rss= -p "$github_pid") KiB"
export KUBECONFIG=$work/plane/kubeconfig HELM_CACHE_HOME=$work/helm HELM_CONFIG_HOME=$work/helm HELM_DATA_HOME=$work/helm
kubectl=$bin/kubectl helm=$bin/helm
url=$(sed 's/.*"url":"\([^"]*\)".*/\1/' "$work/github.json")

# A chart with a Deployment, which the node player runs, and a ConfigMap that
# nobody will release.
mkdir -p "$work/chart/templates"
cat >"$work/chart/Chart.yaml" <<'Y'
apiVersion: v2
name: smoke
version: 0.1.0
kubeVersion: ">=1.30.0"
Y
cat >"$work/chart/templates/all.yaml" <<'Y'
apiVersion: apps/v1
kind: Deployment
metadata: {name: runs}
spec:
  replicas: 2
  selector: {matchLabels: {app: runs}}
  template:
    metadata: {labels: {app: runs}}
    spec: {containers: [{name: c, image: "example.com/none:1"}]}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: held
  finalizers: [example.com/nobody]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: meek}
Y
$helm install smoke "$work/chart" -n demo --create-namespace --wait --timeout 60s >/dev/null
say "helm install --wait returned"

holds forbidden "$kubectl" -n demo delete configmap held --dry-run=server \
  --as system:serviceaccount:demo:meek --as-group system:serviceaccounts --as-group system:authenticated ||
  fail "a service account without rights is not refused"
say "a service account without rights is refused"

$helm uninstall smoke -n demo >/dev/null
say "helm uninstall returned"
not holds deployed "$helm" list -n demo || fail "the release is still there"
within 30 "its pods are gone" holds "No resources found" "$kubectl" -n demo get pods
[ -n "$($kubectl -n demo get configmap held -o 'jsonpath={.metadata.deletionTimestamp}')" ] || fail "held is not Terminating"
say "its ConfigMap stays Terminating"

$kubectl delete namespace demo --wait=false >/dev/null
within 30 "the namespace says what it waits for" holds "example.com/nobody in 1 resource instances" \
  "$kubectl" get namespace demo -o json
$kubectl -n demo patch configmap held --type=merge -p '{"metadata":{"finalizers":null}}' >/dev/null
within 30 "released: the namespace is gone" not "$kubectl" get namespace demo

$kubectl annotate node node-1 box/node=lost >/dev/null
within 60 "a lost node is NotReady" holds "NotReady" "$kubectl" get node node-1
$kubectl annotate node node-1 box/node- >/dev/null
within 30 "back again" not holds "NotReady" "$kubectl" get node node-1

holds '"scaleSets":\[\]' curl -s "$url/state" || fail "the stand-in holds something"
curl -sf "$url/behaviour" -d '[{"endpoint":"*","status":503}]'
[ "$(curl -s -o /dev/null -w '%{http_code}' -X POST "$url/api/v3/orgs/o/actions/runners/registration-token")" = 503 ] ||
  fail "the stand-in does not refuse"
say "the stand-in refuses as told"

exec {plane}>&- {github}>&-
within 10 "both parts ended" not kill -0 "$plane_pid" "$github_pid"
[ ! -e "$work/plane" ] || fail "the control plane left files behind"
say "nothing left behind"
