#!/usr/bin/env bash
# Formats the C# sources with CSharpier at 120 columns, and lists longer lines; with --check it changes nothing.
. "$(dirname "$0")/common.sh"
mode=format
[ "${1:-}" != --check ] || mode=check
logged artifacts/format-restore.log dotnet tool restore
dotnet csharpier "$mode" src tests bench

# The rule of LineLengthTests: tables, code blocks of Markdown, links and lines without a blank are exempt. Bytes that continue a character are not counted.
find . \( -name bin -o -name obj -o -name artifacts -o -name .git -o -path ./tests/scenarios \) -prune \
  -o -type f \( -name '*.cs' -o -name '*.md' -o -name '*.sh' \) -print | LC_ALL=C sort | LC_ALL=C xargs -r awk '
  FNR == 1 {
    skip = code = 0
    for (path in pending) if (index(FILENAME, "./" path) == 1) skip = 1
  }
  FILENAME == "eng/long-lines.txt" { if ($0 !~ /^#/ && NF) pending[$1]; next }
  FILENAME ~ /\.md$/ && /^ *```/ { code = !code; next }
  skip || code || /^ *\|/ || /:\/\// || !/[^ ] / { next }
  { gsub(/[\200-\277]/, "") }
  length($0) > 120 { printf "%s:%d: %d columns\n", FILENAME, FNR, length($0); long++ }
  END { exit long > 0 }
' eng/long-lines.txt || fail "lines end at column 120"
