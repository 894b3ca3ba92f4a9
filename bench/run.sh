#!/usr/bin/env bash
# Measures what docs/operate/benchmarks.md publishes, and writes that page and bench/results.json.
#   bench/run.sh                   about half an hour
#   bench/run.sh --quick           some minutes, less exact
#   bench/run.sh --only rules,bulk the named sections alone: connections, rules, bulk, dataplanes, changes, netlink, memory, matrix, agent; prints, writes nothing
#   bench/run.sh --only dataplanes --images FOLDER   with its picture
#                                  a part is rules/peers, dataplanes/policies-1000, agent/scale, agent/scale/10000, agent/burst, agent/live
# Needs root, to make network namespaces; packets stay inside them. What is measured of the agent is artifacts/podfence (make build); agent/live needs a real API server (make envtest).
. "$(dirname "$0")/../eng/common.sh"
[ "$(id -u)" -eq 0 ] || fail "needs root, to make network namespaces: sudo make bench"

case $(uname -m) in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  *) fail "no native build for $(uname -m)" ;;
esac
linker=clang
command -v clang >/dev/null || linker=gcc

# Native, as what is shipped: a compiler that works while one measures would be measured too.
say "Publishing the benchmarks (log: artifacts/bench.log)" >&2
logged artifacts/bench.log dotnet publish bench/Podfence.Bench -c Release -r "$rid" -o artifacts/bench -p:CppCompilerAndLinker=$linker

results=(--markdown docs/operate/benchmarks.md --json bench/results.json)
[[ " $* " != *" --only "* ]] || results=()
if [[ " $* " != *" --only "* || "$*" == *netlink* ]]; then
  say "Comparing netlink with libnftables (log: artifacts/bench-netlink.log)" >&2
  logged artifacts/bench-netlink.log dotnet build bench/Podfence.NetlinkBench -c Release
  bench/Podfence.NetlinkBench/bin/Release/net10.0/Podfence.NetlinkBench >artifacts/bench-netlink.md
  results+=(--netlink artifacts/bench-netlink.md)
fi
exec artifacts/bench/Podfence.Bench "$@" "${results[@]}"
