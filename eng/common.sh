# Read by every script here: stops on the first fault, stands at the top of the repository, keeps dotnet quiet.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# The first run of a fresh SDK would otherwise make a certificate and a profile.
export DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_ADD_GLOBAL_TOOLS_TO_PATH=false
# A bare machine has no ICU, and the SDK would not start. Where there is one it is used: without it, locales of packages give warnings.
compgen -G '/usr/lib/*/libicuuc.so.*' >/dev/null || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
# Build nodes outlive the build, and on a CI machine the job with it. The compiler server does too, but saves half of the time;
# switching off the first switches off the second, unless it is asked for.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=true

say() { printf '%s\n' "$@"; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Runs a command with its output in a file; shows the end of the file if it fails.
logged() {
  local log=$1; shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    fail "failed: $* (whole log: $log)"
  fi
}
