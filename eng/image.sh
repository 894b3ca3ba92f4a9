#!/usr/bin/env bash
# Builds the container image of artifacts/podfence as artifacts/image/podfence-VERSION-ARCH.tar, without a container engine and without root.
#   IMAGE=NAME:TAG eng/image.sh      default: the image that deploy/podfence.yaml names
# The archive is an OCI image layout, and an archive of `docker save` too. It has two layers: files of Debian packages, which are fetched from
# this machine's package sources, and the executable. The same commit and the same packages give the same bytes.
. "$(dirname "$0")/common.sh"
. eng/apt.sh
umask 022
export LC_ALL=C

[ -x artifacts/podfence ] || fail "artifacts/podfence is missing: make build"
version=$(artifacts/podfence --version)
name=${IMAGE:-$(sed -n '/^ *image: /{s///p;q}' deploy/podfence.yaml)}
[[ ${name##*/} == *:* ]] || name=$name:$version
# containerd takes names as they are, and Kubernetes asks it for names with a registry.
[[ $name == localhost/* || ${name%%/*} == *[.:]* ]] || fail "IMAGE is $name, which begins with no registry: for an image that is loaded into nodes, write localhost/$name"
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
created=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
arch=$(dpkg --print-architecture)
archive=$PWD/artifacts/image/podfence-$version-$arch.tar

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
all=$work/all image=$work/image executable=$PWD/artifacts/podfence

# Packages with all that they depend on, and packages of which a file is taken that needs no other.
packages=(libc6 libssl3 iptables ipset nftables)
alone=(base-files ca-certificates coreutils netbase)
fetch() (
  apt_sources "$work"
  # A source that cannot be reached does not matter as long as the packages are found.
  apt_here "$work" update || true
  : >"$work/nothing-installed"
  apt_here "$work" -o Dir::State::status="$work/nothing-installed" -y --no-install-recommends --download-only install "${packages[@]}"
  cd "$work/apt/archives" && apt_here "$work" download "${alone[@]}"
)

# A folder with one /usr, as Debian has it.
merged_usr() { mkdir -p "$1"/usr/{bin,sbin,lib,lib64} && ln -s usr/bin usr/sbin usr/lib usr/lib64 "$1/"; }

# Unpacks all packages into one folder. The names of each one's files go to $work/files/PACKAGE.
unpack() {
  local deb package
  mkdir "$work/files" "$work/control"
  merged_usr "$all"
  for deb in "$work"/apt/archives/*.deb; do
    package=$(dpkg-deb -f "$deb" Package)
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$all"
    dpkg-deb --fsys-tarfile "$deb" | tar -t | sed -E 's,^\./,,; s,^(s?bin|lib|lib64)/,usr/&,' >"$work/files/$package"
    dpkg-deb -f "$deb" Package Version Architecture Maintainer >"$work/control/$package"
  done
}

# The files that are taken of the packages, as paths within $all.
list_files() (
  cd "$all" || exit
  libs=$(echo usr/lib/*-linux-gnu*)
  loader=$(echo "$libs"/ld-linux*)
  # The iptables dataplane runs iptables and ipset. nft is there to look with, and the DaemonSet of mode=cleanup waits with sleep.
  programs=(usr/sbin/{xtables-nft-multi,xtables-legacy-multi,ipset,nft} usr/bin/sleep)
  # What programs load by themselves: the executable OpenSSL, iptables its extensions.
  plugins=("$libs"/{libssl,libcrypto}.so.3 "$libs"/xtables/*.so)
  printf '%s\n' "$loader" usr/lib*/ld-linux* "${programs[@]}" usr/sbin/ip{,6}tables-{nft,legacy}{,-save,-restore} "${plugins[@]}" usr/lib/os-release etc/protocols
  for file in "$executable" "${programs[@]}" "${plugins[@]}"; do "$loader" --library-path "$libs" --list "$file"; done |
    sed -nE "s,.* => ($libs/[^ ]+).*,\1,p" | sort -u
)

debian_files() {
  local to=$1 file package
  merged_usr "$to"
  list_files >"$work/list"
  while IFS= read -r file; do
    mkdir -p "$to/$(dirname "$file")"
    # A library bears the name by which it is loaded; a program's further names stay links.
    case $file in
      usr/lib/*-linux-gnu*/*) cp --dereference --preserve=mode "$all/$file" "$to/$file" ;;
      *) cp --no-dereference --preserve=mode "$all/$file" "$to/$file" ;;
    esac
  done <"$work/list"

  mkdir -p "$to"/{dev,etc/ssl/certs,proc,root,run,sys,tmp,var}
  chmod 1777 "$to/tmp"
  ln -s ../run "$to/var/run"
  ln -s ../usr/lib/os-release "$to/etc/os-release"
  say root:x:0:0:root:/root:/usr/sbin/nologin nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin >"$to/etc/passwd"
  say root:x:0: nogroup:x:65534: >"$to/etc/group"
  say "hosts: files dns" >"$to/etc/nsswitch.conf"
  # As update-ca-certificates writes it: the files one after the other, each with a line's end.
  find "$all/usr/share/ca-certificates" -name '*.crt' | sort | xargs awk 1 >"$to/etc/ssl/certs/ca-certificates.crt"
  say usr/share/ca-certificates >>"$work/list"

  # The licences, and which packages these are, where scanners of images look for it.
  for package in "$work"/files/*; do
    package=${package##*/}
    grep -qFf "$work/list" "$work/files/$package" || continue
    install -D -m 644 "$work/control/$package" "$to/var/lib/dpkg/status.d/$package"
    install -D -m 644 "$all/usr/share/doc/$package/copyright" "$to/usr/share/doc/$package/copyright"
  done
}

digest_of() { sha256sum "$1" | cut -d ' ' -f 1; }

# pack FOLDER FILE: the same archive for the same content
pack() (cd "$1" && tar --format=gnu --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner -cf "$2" -- *)

# store FILE: moves it among the blobs; $blob is then its descriptor's fields, $digest its digest
store() {
  digest=$(digest_of "$1")
  blob="\"digest\": \"sha256:$digest\", \"size\": $(stat -c %s "$1")"
  mv "$1" "$image/blobs/sha256/$digest"
}

layers=() layer_files=() diff_ids=()
add_layer() {
  pack "$1" "$work/layer"
  diff_ids+=("\"sha256:$(digest_of "$work/layer")\"")
  gzip -n9 "$work/layer"
  store "$work/layer.gz"
  layers+=("{\"mediaType\": \"application/vnd.oci.image.layer.v1.tar+gzip\", $blob}")
  layer_files+=("\"blobs/sha256/$digest\"")
}

comma() { local IFS=,; printf '%s' "$*"; }

say "Building $name for $arch (log: artifacts/image/fetch.log)"
mkdir -p "$(dirname "$archive")" "$image/blobs/sha256"
logged artifacts/image/fetch.log fetch
unpack
debian_files "$work/debian"
install -D -m 755 "$executable" "$work/podfence/usr/local/bin/podfence"
add_layer "$work/debian"
add_layer "$work/podfence"

annotations=$(cat <<JSON
{
    "org.opencontainers.image.title": "podfence",
    "org.opencontainers.image.description": "Enforces Kubernetes network policies on a node",
    "org.opencontainers.image.version": "$version",
    "org.opencontainers.image.revision": "$revision",
    "org.opencontainers.image.created": "$created",
    "org.opencontainers.image.licenses": "Apache-2.0"
  }
JSON
)
cat >"$work/config.json" <<JSON
{
  "architecture": "$arch",
  "os": "linux",
  "created": "$created",
  "config": {
    "Entrypoint": ["/usr/local/bin/podfence"],
    "Cmd": ["agent"],
    "Env": ["PATH=/usr/local/bin:/usr/sbin:/usr/bin", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],
    "Labels": $annotations
  },
  "rootfs": {"type": "layers", "diff_ids": [$(comma "${diff_ids[@]}")]},
  "history": [{"created": "$created", "created_by": "files of Debian packages"}, {"created": "$created", "created_by": "podfence $version"}]
}
JSON
store "$work/config.json"
config=$blob config_file=blobs/sha256/$digest
cat >"$work/manifest.json" <<JSON
{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "config": {"mediaType": "application/vnd.oci.image.config.v1+json", $config},
  "layers": [$(comma "${layers[@]}")],
  "annotations": $annotations
}
JSON
store "$work/manifest.json"
cat >"$image/index.json" <<JSON
{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.index.v1+json",
  "manifests": [{
    "mediaType": "application/vnd.oci.image.manifest.v1+json", $blob,
    "platform": {"architecture": "$arch", "os": "linux"},
    "annotations": {"io.containerd.image.name": "$name", "org.opencontainers.image.ref.name": "${name##*:}"}
  }]
}
JSON
say '{"imageLayoutVersion": "1.0.0"}' >"$image/oci-layout"
say "[{\"Config\": \"$config_file\", \"RepoTags\": [\"$name\"], \"Layers\": [$(comma "${layer_files[@]}")]}]" >"$image/manifest.json"

pack "$image" "$archive.new"
mv "$archive.new" "$archive"
(cd "$work" && find debian podfence -type f -printf '%s /%P\n' | sort -k 2) >artifacts/image/content.txt
say "$archive" "$(awk '{ sum += $1 } END { printf "%.1f MB in %d files", sum / 1e6, NR }' artifacts/image/content.txt), $(stat -c %s "$archive" | awk '{printf "%.1f MB", $1 / 1e6}') compressed" "sha256:$digest"
