#!/bin/sh
# Brings what the project's own commands need, only what is missing: the npm packages as locked, and the Debian or
# Ubuntu packages listed in scripts/apt-packages (a program or file that proves the package, then its name, or the
# names that it has in one distribution and another: the first that apt knows is taken).
set -eu
cd "$(dirname "$0")/.."

known_names() {
  for names; do
    for name in $(echo "$names" | tr '|' ' '); do
      if apt-cache show "$name" >/dev/null 2>&1; then break; fi
    done
    echo "$name"
  done | tr '\n' ' '
}

missing=
while read -r proof package; do
  case "$proof" in
    '' | '#'*) continue ;;
    /*) ls $proof >/dev/null 2>&1 && continue ;;
    *) PATH="$PATH:/usr/sbin:/sbin" command -v "$proof" >/dev/null 2>&1 && continue ;;
  esac
  missing="$missing $package"
done <scripts/apt-packages
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ]; then
    apt-get update -qq >&2
    missing=$(known_names $missing)
    echo "installing the packages that are missing: $missing" >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
  else
    echo "these packages are missing; please run: sudo apt-get install --no-install-recommends $(known_names $missing)" >&2
    exit 1
  fi
fi

if ! cmp -s package-lock.json node_modules/.package-lock.for; then
  npm ci --ignore-scripts --no-fund --no-audit >&2
  cp package-lock.json node_modules/.package-lock.for
fi
