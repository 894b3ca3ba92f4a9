#!/usr/bin/env bash
# Installs what is missing on a Debian machine that has only the .NET SDK and make. Says what, asks nothing.
#   eng/prepare.sh build   what the native executable is linked with
#   eng/prepare.sh test    the same, and what tests hold the results against
#   eng/prepare.sh all     the same, and what benchmarks need
#   eng/prepare.sh envtest   what an API server is built with (eng/envtest.sh)
#   eng/prepare.sh manifests what the plain manifests are made with (eng/manifests.sh)
. "$(dirname "$0")/common.sh"

purpose=${1:-all}
missing=()

# want PACKAGE TEST...: the package is missing if the test fails
want() { local package=$1; shift; "$@" >/dev/null 2>&1 || missing+=("$package"); }
# Network tools are in sbin, which a user's PATH may not have.
have() { PATH=$PATH:/usr/sbin:/sbin command -v "$1"; }
have_linker() { have clang || have gcc; }
have_file() { compgen -G "$1"; }
have_header() { local f; for f in /usr/include/"$1" /usr/local/include/"$1"; do [ ! -e "$f" ] || return 0; done; return 1; }

have dotnet >/dev/null || fail "the .NET SDK (10.0 or newer) is not on the PATH; everything else can be installed from here"

want clang have_linker
want zlib1g-dev have_header zlib.h
want libc6-dev have_header stdio.h
if [ "$purpose" != build ]; then
  want iproute2 have ip
  want nftables have nft
  want iptables have iptables-legacy
  want ipset have ipset
  # What the pages of docs/guide call in a lab.
  want iputils-ping have ping
  want procps have sysctl
  want libfaketime have_file '/usr/lib/*/faketime/libfaketimeMT.so.1'
  # What completion scripts and manual pages are tried with.
  want zsh have zsh
  want fish have fish
  want groff have groff
  # What runs the container image in tests.
  want containerd have containerd
  want runc have runc
fi
if [ "$purpose" = all ]; then
  want iperf3 have iperf3
fi
if [ "$purpose" = manifests ]; then
  want golang-1.19-go test -x /usr/lib/go-1.19/bin/go
  want golang-gopkg-yaml.v3-dev test -d /usr/share/gocode/src/gopkg.in/yaml.v3
fi
if [ "$purpose" = envtest ]; then
  want golang-1.19-go test -x /usr/lib/go-1.19/bin/go
  want rsync have rsync
  want jq have jq
  want git have git
  want make have make
  want dpkg-dev have dpkg-source
fi

[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  have sudo >/dev/null && sudo -n true 2>/dev/null || fail "these packages are missing, and this user may not install them: ${missing[*]}"
  as_root=(sudo -n)
fi
have apt-get >/dev/null || fail "these packages are missing (by their Debian names), and there is no apt-get here: ${missing[*]}"

say "Installing with apt-get what is missing here: ${missing[*]}"
install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"; }
logged artifacts/prepare.log install update
logged artifacts/prepare.log install install -y --no-install-recommends "${missing[@]}"
