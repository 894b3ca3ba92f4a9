#!/usr/bin/env bash
# Provides a real API server for the tests: a folder with etcd, kube-apiserver and kubectl.
#   eng/envtest.sh          sees to it that there is one (a first time may take ten minutes) and says where
#   eng/envtest.sh --path   prints the folder, or fails where there is none; changes nothing
#
# $KUBEBUILDER_ASSETS is taken where it is set: the convention of the ecosystem, and the way to test against a newer release.
# Otherwise kube-apiserver is built once from Debian's source package, for Debian has no binary of it, and kept in the user's cache, outside the checkout.
# The machine's package sources are not changed, and no service is started: packages are unpacked into the cache, not installed.
. "$(dirname "$0")/common.sh"
. eng/apt.sh

cache=${XDG_CACHE_HOME:-$HOME/.cache}/podfence/envtest
is_complete() { [ -x "$1/etcd" ] && [ -x "$1/kube-apiserver" ]; }

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
  is_complete "$KUBEBUILDER_ASSETS" || fail "KUBEBUILDER_ASSETS is $KUBEBUILDER_ASSETS, where there is no etcd and kube-apiserver: correct it, or unset it to have them built"
  say "$KUBEBUILDER_ASSETS"
  exit 0
fi
if is_complete "$cache/bin"; then
  say "$cache/bin"
  exit 0
fi
[ "${1:-}" != --path ] || fail "there is no API server for tests here; \`make envtest\` provides one"

eng/prepare.sh envtest
mkdir -p "$cache"
# One build at a time: the second process finds it done.
exec 9>"$cache/lock"
flock 9
! is_complete "$cache/bin" || { say "$cache/bin"; exit 0; }
work=$(mktemp -d "$cache/build.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
logs=$PWD/artifacts

fetch() {
  apt_sources "$work"
  cd "$work"
  # Sources of other programs on the machine may have no source packages, or none that can be reached: what counts is whether these packages are found.
  apt_here "$work" update || true
  apt_here "$work" source --download-only kubernetes
  apt_here "$work" download etcd-server kubernetes-client
  mkdir tree root
  tar -xf kubernetes_*.orig.tar.* -C tree --strip-components=1
  for package in ./*.deb; do dpkg -x "$package" root; done
}
build() {
  cd "$work/tree"
  # Its build asks git for the version, and wants to stand in a GOPATH; a plain `go build` lacks the generated OpenAPI code.
  git init -q
  git -c user.name=podfence -c user.email=podfence@localhost commit -q --allow-empty -m tree
  mkdir -p "$work/go/src/k8s.io"
  ln -s "$work/tree" "$work/go/src/k8s.io/kubernetes"
  cd "$work/go/src/k8s.io/kubernetes"
  env -u GOFLAGS PATH="/usr/lib/go-1.19/bin:$PATH" GOPATH="$work/go" GO111MODULE=off GOCACHE="$work/gocache" KUBE_GIT_VERSION="$(cd "$work" && ls kubernetes_*.dsc | sed 's/kubernetes_\([0-9.]*\).*/v\1/')" \
    KUBE_GIT_COMMIT=0000000000000000000000000000000000000000 KUBE_GIT_TREE_STATE=clean \
    make WHAT=cmd/kube-apiserver
}

say "Building an API server for the tests from Debian's source package; this takes six minutes or so on two cores, once (log: artifacts/envtest.log)"
logged "$logs/envtest-fetch.log" fetch
logged "$logs/envtest.log" build
install -D -t "$cache/new" "$work/tree/_output/bin/kube-apiserver" "$work/root/usr/bin/etcd" "$work/root/usr/bin/kubectl"
rm -rf "$cache/bin"
mv "$cache/new" "$cache/bin"
say "$cache/bin"
