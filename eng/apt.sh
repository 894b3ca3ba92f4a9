# Read by scripts that fetch packages without installing them: apt with its sources and lists in a folder of its own.
# The machine's package sources are used and not changed. It needs no root.

# apt_sources FOLDER: copies the machine's sources into FOLDER, with the source packages switched on.
apt_sources() {
  local file to=$1/apt/sources.d
  mkdir -p "$1/apt/lists/partial" "$1/apt/archives/partial" "$to"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ ! -s "$file" ] || sed -n 's/^deb[[:space:]]/deb-src &/; s/^deb-src deb[[:space:]]/deb-src /p' "$file" >"$to/$(basename "$file" .list).list"
    [ ! -s "$file" ] || grep '^deb[[:space:]]' "$file" >>"$to/$(basename "$file" .list).list" || true
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [ ! -s "$file" ] || sed 's/^Types:.*/Types: deb deb-src/' "$file" >"$to/$(basename "$file")"
  done
}

# apt_here FOLDER ARGUMENT...: apt-get with what is in FOLDER.
apt_here() {
  local folder=$1; shift
  apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$folder/apt/sources.d" -o Dir::State::lists="$folder/apt/lists" \
    -o Dir::Cache::archives="$folder/apt/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root -o APT::Get::List-Cleanup=0 "$@"
}
