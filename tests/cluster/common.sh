# What the checks by hand share: they source this, and live in $work with a
# control plane that listens to $plane and a GitHub stand-in that listens to
# $github, each until its descriptor closes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${BOX_BIN:-${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-arc-box}
kubectl=$bin/kubectl helm=$bin/helm
work=$(mktemp -d)
trap 'exec {plane}>&- {github}>&- || true; sleep 1; rm -rf "$work"' EXIT
begun=$(date +%s.%N)
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

"$here/build.sh" "$bin"
say "built into $bin"

exec {plane}> >(exec "$bin/controlplane" --dir "$work/plane" >"$work/plane.json")
plane_pid=$!
exec {github}> >(exec "$bin/github" >"$work/github.json")
github_pid=$!
within 120 "control plane ready" test -s "$work/plane.json"
within 5 "GitHub stand-in ready" test -s "$work/github.json"
export KUBECONFIG=$work/plane/kubeconfig HELM_CACHE_HOME=$work/helm HELM_CONFIG_HOME=$work/helm HELM_DATA_HOME=$work/helm
url=$(sed 's/.*"url":"\([^"]*\)".*/\1/' "$work/github.json")
