#!/usr/bin/env bash
# Tries mutated files on the readers and on the verbs, as many as asked for, and prints the figures of each run:
#   eng/fuzz.sh [READER_FILES] [VERB_FILES] [FIRST_SEED]     default: 1,000,000 files for the readers, 50,000 for the verbs, from seed 1
# A file that breaks a claim ends it, with the file and the seed that makes it again: PODFENCE_SEED=SEED repeats that one in an ordinary run of the tests.
. "$(dirname "$0")/common.sh"
readers=${1:-1000000} verbs=${2:-50000} first=${3:-1}

mkdir -p artifacts
report=$PWD/artifacts/fuzz.txt
: >"$report"
for project in Podfence.Manifests.Tests Podfence.Cli.Tests; do
  [ -n "${PODFENCE_FUZZ_BUILT:-}" ] || dotnet build "tests/$project" -c Release >"artifacts/fuzz-build-$project.log"
done

# Four fifths manifests, the rest expectations: they are the two test methods.
run() { PODFENCE_SEED=$first PODFENCE_FUZZ=$2 PODFENCE_FUZZ_REPORT=$report "tests/$1/bin/Release/net10.0/$1" --no-ansi --progress off --filter-method "$3"; }
run Podfence.Manifests.Tests $((readers * 4 / 5)) '*MutationTests.Read_MutatedManifests*'
run Podfence.Manifests.Tests $((readers / 5)) '*MutationTests.Read_MutatedExpectations*'
run Podfence.Cli.Tests "$verbs" '*MutationTests*'
cat "$report"
