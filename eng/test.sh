#!/usr/bin/env bash
# Builds the solution once and runs every test project's executable, one after the other. The last line is the sum of all:
#   N passed, N failed, N skipped
# Fails if a test fails, and if a project crashes, hangs or has no tests: no result is not a good result.
# Arguments go to every executable: eng/test.sh --filter-class '*CompilerTests'
. "$(dirname "$0")/common.sh"
eng/prepare.sh test

results=$PWD/artifacts/test
rm -rf "$results"
mkdir -p "$results"

# Release, because that is what is shipped, and because random tests get through more cases in the same time.
say "Building (log: artifacts/test/build.log)"
logged artifacts/test/build.log dotnet build Podfence.slnx -c Release

# A log without the frames of the runner and the runtime, which are most of it and say nothing about Podfence.
without_frames() { grep -vE '^ +at (System|Xunit)\.' "$1" || true; }

passed=0 failed=0 skipped=0 reasons=() broken=()
for project in tests/*.Tests/ tests/*Tests/; do
  name=$(basename "$project")
  # Two globs, so that Podfence.X.Tests come first and the slow Podfence.KernelTests last.
  [ ! -e "$results/$name.log" ] || continue
  log=$results/$name.log
  status=0
  SECONDS=0
  # A run that hangs is ended, with what it had made; its report is then missing and it counts as broken.
  timeout --kill-after=30 "${PODFENCE_TEST_SECONDS:-1200}" "$project/bin/Release/net10.0/$name" \
    --no-ansi --progress off --results-directory "$results" --report-xunit-xml --report-xunit-xml-filename "$name.xml" "$@" >"$log" 2>&1 || status=$?

  if [ -s "$results/$name.xml" ]; then
    awk -f eng/test-report.awk "$results/$name.xml" >"$results/$name.sum"
    read -r _ p f s < <(grep '^sum ' "$results/$name.sum")
  else
    p=0 f=0 s=0
    : >"$results/$name.sum"
  fi
  while IFS= read -r line; do reasons+=("${line#skip }"); done < <(grep '^skip ' "$results/$name.sum" || true)
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  printf '%-30s %6d passed, %d failed, %d skipped (%d s)\n' "$name" "$p" "$f" "$s" "$SECONDS"

  if [ "$f" -gt 0 ]; then
    without_frames "$log" | head -n 200
  elif [ $# -gt 0 ] && [ "$status" -eq 8 ]; then
    : # a filter that finds nothing in this project
  elif [ "$status" -ne 0 ] || [ $((p + s)) -eq 0 ]; then
    broken+=("$name: exit code $status, $((p + s)) tests (log: artifacts/test/$name.log)")
    without_frames "$log" | tail -n 40
  fi
done

if [ ${#reasons[@]} -gt 0 ]; then
  say "" "Skipped:"
  printf '%s\n' "${reasons[@]}" | sed 's/^/  /'
fi
if [ ${#broken[@]} -gt 0 ]; then
  say "" "No proper result from:"
  printf '  %s\n' "${broken[@]}"
  # Each is a failure, also for those who only read the last line.
  failed=$((failed + ${#broken[@]}))
fi
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
