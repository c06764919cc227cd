#!/usr/bin/env bash
# Builds the box's binaries into the directory given. The first build takes
# minutes; later ones only what changed.
#
#   build.sh DIR [NAME...]     NAME: controlplane kubectl helm github later krew arc
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- controlplane kubectl helm github later krew arc

# An older Go fetches the one that the modules want.
wanted=$(sed -n 's/^go //p' "$here/controlplane/go.mod")
have=$(GOTOOLCHAIN=local go env GOVERSION)
GOTOOLCHAIN=local
printf '%s\n%s\n' "$wanted" "${have#go}" | sort -V -C || GOTOOLCHAIN=go$wanted
export GOTOOLCHAIN CGO_ENABLED=0
# The servers and kubectl report this version; charts check it.
kube=$(sed -n 's/.*k8s.io\/kubernetes v\([0-9.]*\)$/\1/p' "$here/controlplane/go.mod")
helm=$(sed -n 's/.*helm.sh\/helm\/v3 v\([0-9.]*\).*/\1/p' "$here/helm/go.mod")
v=k8s.io/component-base/version
minor=${kube#*.}
kube_flags="-s -w -X $v.gitVersion=v$kube -X $v.gitMajor=${kube%%.*} -X $v.gitMinor=${minor%%.*} -X $v.gitTreeState=clean"
helm_flags="-s -w -X helm.sh/helm/v3/internal/version.version=v$helm"

# Asking Go whether anything changed takes seconds for each binary; so there
# is a note for each of what it was made from.
build() { # MODULE PACKAGE LDFLAGS NAME; true if it built
  local from note=$out/.from/$4
  from=$(cd "$here/$1" && { go version; echo "$@"; find . -type f | LC_ALL=C sort | xargs cat; } | sha256sum)
  [ "$from" != "$(cat "$note" 2>/dev/null)" ] || [ ! -e "$out/$4" ] || return 1
  [ -n "$said" ] || echo "build.sh: building the box in $out (minutes the first time)" >&2
  said=yes
  (cd "$here/$1" && nice -n 15 go build -p 2 -mod=readonly -buildvcs=false -trimpath -ldflags "$3" -o "$out/$4" "$2") || exit 1
  mkdir -p "${note%/*}"
  echo "$from" >"$note"
}
said=

# One line of arc/versions: the image's two programs, and the charts that
# install them. Charts carry their version in a file, so it is set there.
arc() { # TAG MODULE STAMP
  local package=github.com/actions/actions-runner-controller
  local flags="-s -w -X $package/build.Version=$3" charts=$out/charts/$1 source
  local image=images/ghcr.io/actions/gha-runner-scale-set-controller/$1
  build "$2" "$package/cmd/githubrunnerscalesetlistener" "$flags" "$image/github-runnerscaleset-listener" || true
  build "$2" "$package" "$flags" "$image/manager" || [ ! -e "$charts" ] || return 0
  source=$(cd "$here/$2" && go list -m -f '{{.Dir}}' "$package")
  rm -rf "$charts"
  mkdir -p "$charts"
  cp -r "$source/charts/gha-runner-scale-set" "$source/charts/gha-runner-scale-set-controller" "$charts"
  chmod -R u+w "$charts"
  sed -i.old -e "s/^version: .*/version: $1/" -e "s/^appVersion: .*/appVersion: \"$1\"/" "$charts"/*/Chart.yaml
  rm "$charts"/*/Chart.yaml.old
}

for name; do
  case $name in
    controlplane) build controlplane . "$kube_flags" controlplane || true ;;
    kubectl) build controlplane k8s.io/kubernetes/cmd/kubectl "$kube_flags" kubectl || true ;;
    helm) build helm helm.sh/helm/v3/cmd/helm "$helm_flags" helm || true ;;
    github) build github . "-s -w" github || true ;;
    later) build later . "-s -w" later || true ;;
    krew)
      # Under the name by which kubectl finds it.
      build krew sigs.k8s.io/krew/cmd/krew "-s -w" kubectl-krew || true
      build krew sigs.k8s.io/krew/cmd/validate-krew-manifest "-s -w" validate-krew-manifest || true
      ;;
    arc)
      while read -r tag module stamp; do
        case $tag in '' | '#'*) ;; *) arc "$tag" "$module" "$stamp" </dev/null ;; esac
      done <"$here/arc/versions"
      ;;
    *) echo "build.sh: no binary is called $name" >&2; exit 2 ;;
  esac
done
