#!/usr/bin/env bash
# Makes the plain manifests of deploy/ from the Helm chart, so that the two never differ.
#   eng/manifests.sh           writes them
#   eng/manifests.sh --check   fails where they are not what the chart says
#   IMAGE=NAME:TAG eng/manifests.sh    writes manifests that name this image to artifacts/manifests, and leaves deploy/ as it is
. "$(dirname "$0")/common.sh"
eng/prepare.sh manifests

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="${XDG_CACHE_HOME:-$HOME/.cache}/podfence/go" GOFLAGS=
logged artifacts/manifests.log /usr/lib/go-1.19/bin/go build -o "$made/helm-render" ./eng/helm-render

to=deploy image=()
if [ -n "${IMAGE:-}" ]; then
  [[ ${IMAGE##*/} == *:* ]] || fail "IMAGE is $IMAGE, which has no tag: write $IMAGE:TAG"
  to=artifacts/manifests image=("image.repository=${IMAGE%:*}" "image.tag=${IMAGE##*:}")
  mkdir -p "$to"
fi

# render FILE WHAT [ASSIGNMENT...]
render() {
  local file=$1 what=$2; shift 2
  {
    say "# $what" "# Made from deploy/helm/podfence by \`make manifests\`: change the chart, not this file."
    "$made/helm-render" deploy/helm/podfence podfence kube-system "${image[@]}" "$@" | sed 's/managed-by: Helm/managed-by: kubectl/'
  } >"$made/$file"
}
render podfence.yaml "An agent of Podfence on every node: kubectl apply -f $to/podfence.yaml"
render podfence-cleanup.yaml "Takes the rules of Podfence out of every node, after $to/podfence.yaml was deleted: see docs/operate/install.md" mode=cleanup metrics.annotations=false

for file in podfence.yaml podfence-cleanup.yaml; do
  if [ "${1:-}" = --check ]; then
    diff -u "deploy/$file" "$made/$file" || fail "deploy/$file is not what the chart says: run \`make manifests\`"
  else
    install -m 644 "$made/$file" "$to/$file"
    say "$to/$file"
  fi
done
