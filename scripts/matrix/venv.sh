#!/usr/bin/env bash
# `venv.sh NAME CODE` makes a virtual environment with what scripts/matrix/NAME.pins lists, unless there is one in which
# the Python CODE runs, and prints its Python. It stands below target/, or where USHER_CACHE says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

name=$1
wanted=scripts/matrix/$name.pins
cache=${USHER_CACHE:-${CARGO_TARGET_DIR:-target}}
mkdir -p "$cache"
place=$(cd "$cache" && pwd)/matrix-$name
python=$place/bin/python

fail() {
    printf 'scripts/matrix/venv.sh: %s\n' "$*" >&2
    exit 1
}

# Of two at once one installs, and the other waits.
exec 9>"$place.lock"
flock 9
# The list is copied in last, so that half an installation does not pass for a whole one.
if ! cmp -s "$wanted" "$place/installed" || ! "$python" -c "$2" 2>/dev/null; then
    # Debian has what makes virtual environments in a package of its own, which brings Python.
    python3 -c 'import ensurepip, venv' 2>/dev/null || scripts/packages.sh python3-venv >&2 ||
        fail "python3 (3.10 or newer, with venv) is missing; the Matrix tests need it"
    rm -rf "$place"
    python3 -m venv "$place" >&2 || fail "python3 cannot make a virtual environment in $place"
    "$python" -m pip install --quiet --disable-pip-version-check --no-input --requirement "$wanted" >&2 ||
        fail "pip could not install $wanted; it needs PyPI or a mirror of it once"
    cp "$wanted" "$place/installed"
fi
printf '%s\n' "$python"
