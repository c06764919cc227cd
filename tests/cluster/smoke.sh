#!/usr/bin/env bash
# A check by hand that the box's parts build, start, do what they are for, and
# leave nothing behind. Prints what it saw; the first failure ends it.
. "$(dirname "$0")/common.sh"
say "resident: control plane $(ps -o rss= -p "$plane_pid") KiB, stand-in $(ps -o rss= -p "$github_pid") KiB"

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
