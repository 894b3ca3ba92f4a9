#!/usr/bin/env bash
# Packs executables for krew and writes the manifest that names them, into artifacts/krew.
#   eng/krew.sh HOMEPAGE BASE AMD64 ARM64
#     HOMEPAGE  the project's page
#     BASE      the address that the archives will be fetched from
#     AMD64     the executable for amd64, as artifacts/podfence
#     ARM64     the one for arm64
. "$(dirname "$0")/common.sh"

[ $# -eq 4 ] || fail "give the project's page, the address of the archives and two executables: eng/krew.sh HOMEPAGE BASE AMD64 ARM64"
homepage=$1 base=${2%/} amd64=$3 arm64=$4
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
to=artifacts/krew
rm -rf "$to"
mkdir -p "$to"

# pack EXECUTABLE ARCH: makes the archive, the same for the same content, and prints its sum
pack() {
  local folder archive=$to/podfence_v${version}_linux_$2.tar.gz
  [ -x "$1" ] || fail "$1 is no executable"
  folder=$(mktemp -d)
  install -m 755 "$1" "$folder/podfence"
  install -m 644 LICENSE "$folder/LICENSE"
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$folder" -cf - LICENSE podfence | gzip -n9 >"$archive"
  rm -r "$folder"
  sha256sum "$archive" | cut -d ' ' -f 1
}

sed -e "1d" -e "s|@VERSION@|$version|; s|@HOMEPAGE@|$homepage|; s|@BASE@|$base|; s|@SHA256_AMD64@|$(pack "$amd64" amd64)|; s|@SHA256_ARM64@|$(pack "$arm64" arm64)|; s|@VERSION@|$version|" \
  deploy/krew/podfence.yaml >"$to/podfence.yaml"
say "$to/podfence.yaml names the archives beside it; try it with: kubectl krew install --manifest=$to/podfence.yaml --archive=$to/podfence_v${version}_linux_amd64.tar.gz"
