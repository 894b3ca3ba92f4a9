#!/usr/bin/env bash
# Brings the C# sources into the shape of .editorconfig; with --check it only says what is not.
. "$(dirname "$0")/common.sh"
check=()
[ "${1:-}" != --check ] || check=(--verify-no-changes)
# Whitespace only: style and analyzer rules are errors of the build, which sees more and need not load the solution twice.
exec dotnet format whitespace . --folder --exclude artifacts/ "${check[@]}"
