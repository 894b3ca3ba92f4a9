#!/usr/bin/env bash
# Publishes the one executable, self-contained and native, as artifacts/podfence. A trim or AOT warning is an error.
. "$(dirname "$0")/common.sh"
eng/prepare.sh build

case $(uname -m) in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  *) fail "no native build for $(uname -m)" ;;
esac
# Either linker driver will do; clang is what the SDK looks for by itself.
linker=clang
command -v clang >/dev/null || linker=gcc

log=artifacts/build.log
say "Publishing artifacts/podfence ($rid; log: $log)"
logged "$log" dotnet publish src/Podfence.Cli -c Release -r "$rid" -o artifacts/publish -p:CppCompilerAndLinker=$linker
# Warnings are errors already where the SDK lets them be; what it only mentions stops the build here.
if grep -E ': warning |warning :' "$log" >&2; then
  fail "the build has warnings (log: $log)"
fi
# A rename, not a copy: a podfence that runs at this moment keeps its file.
cp artifacts/publish/podfence artifacts/podfence.new
mv artifacts/podfence.new artifacts/podfence
say "$(artifacts/podfence --version | sed 's/^/podfence /'), $(stat -c %s artifacts/podfence | awk '{printf "%.1f MB", $1 / 1e6}')"
