#!/usr/bin/env bash
# Builds the box's binaries into the directory given. The first build takes
# minutes; later ones only relink what changed.
#
#   build.sh DIR [NAME...]     NAME: controlplane kubectl helm github later arc
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- controlplane kubectl helm github later arc
echo "build.sh: building $* into $out (minutes the first time, seconds later)" >&2

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

build() { # MODULE PACKAGE LDFLAGS NAME
  (cd "$here/$1" && nice -n 15 go build -p 2 -mod=readonly -trimpath -ldflags "$3" -o "$out/$4" "$2")
}

# One line of arc/versions: the image's two programs, and the charts that
# install them. Charts carry their version in a file, so it is set there.
arc() { # TAG MODULE STAMP
  local package=github.com/actions/actions-runner-controller
  local flags="-s -w -X $package/build.Version=$3" charts=$out/charts/$1 source
  local image=images/ghcr.io/actions/gha-runner-scale-set-controller/$1
  build "$2" "$package" "$flags" "$image/manager"
  build "$2" "$package/cmd/githubrunnerscalesetlistener" "$flags" "$image/github-runnerscaleset-listener"
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
    controlplane) build controlplane . "$kube_flags" controlplane ;;
    kubectl) build controlplane k8s.io/kubernetes/cmd/kubectl "$kube_flags" kubectl ;;
    helm) build helm helm.sh/helm/v3/cmd/helm "$helm_flags" helm ;;
    github) build github . "-s -w" github ;;
    later) build later . "-s -w" later ;;
    arc)
      while read -r tag module stamp; do
        case $tag in '' | '#'*) ;; *) arc "$tag" "$module" "$stamp" </dev/null ;; esac
      done <"$here/arc/versions"
      ;;
    *) echo "build.sh: no binary is called $name" >&2; exit 2 ;;
  esac
done
