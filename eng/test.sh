#!/usr/bin/env bash
# Builds the tests once and runs the executable of each project. The last line is the sum of all:
#   N passed, N failed, N skipped
# Fails if a test fails, and if a project crashes, hangs or has no tests: no result is not a good result.
#   eng/test.sh                                  every test; an API server and the container image are provided first
#   eng/test.sh --fast                           the projects that need neither root nor minutes
#   eng/test.sh --filter-class '*CompilerTests'  arguments for every executable; nothing is provided
# PODFENCE_TEST_FULL=1 runs as many random cases and rounds as docs/design/testing.md gives for a full run.
. "$(dirname "$0")/common.sh"

fast=
if [ "${1:-}" = --fast ]; then fast=1; shift; fi
began=$SECONDS
results=$PWD/artifacts/test
rm -rf "$results"
mkdir -p "$results"

# The cluster tests mostly wait, so they run beside the projects that compute.
# The kernel tests watch packets by the millisecond: they come last and have the machine to themselves.
beside=() computing=() alone=()
for project in tests/*Tests/*.csproj; do
  name=$(basename "$project" .csproj)
  case $name in
    Podfence.ClusterTests) [ -n "$fast" ] || beside+=("$name") ;;
    Podfence.KernelTests) [ -n "$fast" ] || alone+=("$name") ;;
    Podfence.Lab.Tests | Podfence.Agreement.Tests) [ -n "$fast" ] || computing+=("$name") ;;
    *) computing+=("$name") ;;
  esac
done

solution=Podfence.slnx
if [ -n "$fast" ]; then
  eng/prepare.sh build
  # A part of the solution: what these projects need.
  solution=artifacts/test/fast.slnf
  list=$(for name in "${computing[@]}"; do printf ', "tests/%s/%s.csproj"' "$name" "$name"; done)
  say "{\"solution\": {\"path\": \"../../Podfence.slnx\", \"projects\": [${list#, }]}}" >"$solution"
else
  eng/prepare.sh test
fi
# Release, because that is what is shipped, and because random tests get through more cases in the same time.
say "Building (log: artifacts/test/build.log)"
logged artifacts/test/build.log dotnet build "$solution" -c Release
if [ -z "$fast" ] && [ $# -eq 0 ]; then
  eng/envtest.sh
  # Containers need root; without it the tests of the image are skipped, as all that need root are.
  [ "$(id -u)" -ne 0 ] || { eng/build.sh && eng/image.sh; }
fi
say "Built and provided in $((SECONDS - began)) s"

# run_project NAME ARGUMENT...: leaves NAME.log, NAME.sum and NAME.status in the results, and prints one line
run_project() {
  local name=$1 status=0 start=$SECONDS p f s running; shift
  # A run that hangs is ended, with what it had made; its report is then missing and it counts as broken.
  timeout --kill-after=30 "${PODFENCE_TEST_SECONDS:-1200}" "tests/$name/bin/Release/net10.0/$name" \
    --no-ansi --progress off --results-directory "$results" --report-xunit-xml --report-xunit-xml-filename "$name.xml" "$@" >"$results/$name.log" 2>&1 &
  running=$!
  trap 'kill "$running"; exit 1' TERM
  wait "$running" || status=$?
  if [ -s "$results/$name.xml" ]; then awk -f eng/test-report.awk "$results/$name.xml"; else say "sum 0 0 0"; fi >"$results/$name.sum"
  say "$status" >"$results/$name.status"
  read -r _ p f s < <(grep '^sum ' "$results/$name.sum")
  printf '%-30s %6d passed, %d failed, %d skipped (%d s)\n' "$name" "$p" "$f" "$s" $((SECONDS - start))
}
run_projects() { local names=$1 name; shift; for name in $names; do run_project "$name" "$@"; done; }

run_projects "${beside[*]}" "$@" &
other=$!
trap 'kill "$other" 2>/dev/null || true' EXIT
run_projects "${computing[*]}" "$@"
wait "$other"
run_projects "${alone[*]}" "$@"

# A log without the frames of the runner and the runtime, which are most of it and say nothing about Podfence.
without_frames() { grep -vE '^ +at (System|Xunit)\.' "$1" || true; }

passed=0 failed=0 skipped=0 reasons=() broken=()
for name in "${computing[@]}" "${beside[@]}" "${alone[@]}"; do
  log=$results/$name.log status=$(cat "$results/$name.status")
  read -r _ p f s < <(grep '^sum ' "$results/$name.sum")
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  while IFS= read -r line; do reasons+=("${line#skip }"); done < <(grep '^skip ' "$results/$name.sum" || true)
  if [ "$f" -gt 0 ]; then
    say "" "$name:"
    without_frames "$log" | head -n 200
  elif [ $# -gt 0 ] && [ "$status" -eq 8 ]; then
    : # a filter that finds nothing in this project
  elif [ "$status" -ne 0 ] || [ $((p + s)) -eq 0 ]; then
    broken+=("$name: exit code $status, $((p + s)) tests (log: artifacts/test/$name.log)")
    say "" "$name:"
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
say "" "Tests ran for $((SECONDS - began)) s, the build included"
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
