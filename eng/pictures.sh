#!/usr/bin/env bash
# Draws the pictures of the README and the guide from the product's own output, each for light and dark screens.
# Needs root, for the demo's lab.
#   eng/pictures.sh [PODFENCE]      default: artifacts/podfence
. "$(dirname "$0")/common.sh"

podfence=${1:-artifacts/podfence}
[ -x "$podfence" ] || fail "$podfence is missing: make build"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$(realpath "$podfence")" "$work/podfence"
export PATH=$work:$PATH TERM=xterm-256color
unset NO_COLOR

# shot NAME COLUMNS COMMAND: the picture of a command, which writes to a terminal as wide as no line of it
shot() {
  script -qec "stty cols 400; $3" /dev/null </dev/null >"$work/$1.txt" || true
  draw "$1" "$2" "$3"
}

draw() {
  local theme
  for theme in light dark; do
    LC_ALL=C awk -v title="$3" -v columns="$2" -v theme="$theme" -f eng/terminal-svg.awk "$work/$1.txt" \
      >"docs/images/$1-$theme.svg"
    say "docs/images/$1-$theme.svg"
  done
}

shot explain 96 'podfence explain monitoring/deploy/grafana shop/sts/db:redis -f examples/shop'

# The demo's two tables, before and after the policy.
script -qec "stty cols 400; podfence demo" /dev/null </dev/null >"$work/all.txt" || fail "podfence demo failed"
sed -n '/Before the policy/,/Why/p' "$work/all.txt" | sed '/Why/d' >"$work/demo.txt"
draw demo 162 'podfence demo'
podfence matrix -f examples/article.yaml -o svg >docs/images/matrix-article.svg
say docs/images/matrix-article.svg
