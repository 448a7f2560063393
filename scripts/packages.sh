#!/usr/bin/env bash
# Installs the Debian packages that it is given, as root or with sudo. Other scripts call it where a program is missing.
set -euo pipefail

command -v apt-get >/dev/null || {
    printf '%s is missing, and there is no apt-get to install it with\n' "$*" >&2
    exit 1
}
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
