#!/usr/bin/env bash
# Removes everything that was built, and nothing else.
. "$(dirname "$0")/common.sh"
rm -rf artifacts BenchmarkDotNet.Artifacts
find src tests bench -type d \( -name bin -o -name obj -o -name TestResults \) -prune -exec rm -rf {} + 2>/dev/null || true
