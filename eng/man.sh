#!/usr/bin/env bash
# Writes the manual pages of every verb into artifacts/man, from the command tree of the executable, and looks at them with the formatter where there is one.
#   man -l artifacts/man/podfence.1
. "$(dirname "$0")/common.sh"

podfence=${1:-artifacts/podfence}
[ -x "$podfence" ] || fail "$podfence is missing: make build"
rm -rf artifacts/man
"$podfence" man artifacts/man
if command -v groff >/dev/null; then
  for page in artifacts/man/*.1; do
    warnings=$(groff -man -ww -z -Tutf8 "$page" 2>&1)
    [ -z "$warnings" ] || fail "$warnings"
  done
fi
say "$(ls artifacts/man | wc -l) manual pages in artifacts/man"
