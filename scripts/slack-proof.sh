#!/usr/bin/env bash
# Installs Slack's own Python SDK for the tests and benches, and prints the Python that has it.
#
# It goes into a virtual environment below target/, in the versions of tests/slack/proof/requirements.txt.
# Where it is there already, nothing is done and nothing else is said.
# Where Python is missing, Debian's package is installed (as root or with sudo).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

wanted=tests/slack/proof/requirements.txt
place=${CARGO_TARGET_DIR:-target}/slack-proof
python=$place/bin/python

fail() {
    printf 'scripts/slack-proof.sh: %s\n' "$*" >&2
    exit 1
}

# The list is copied in last, so that half an installation does not pass for a whole one.
if ! cmp -s "$wanted" "$place/installed" || ! "$python" -c 'import slack_bolt' 2>/dev/null; then
    # Debian has what makes virtual environments in a package of its own, which brings Python.
    python3 -c 'import ensurepip, venv' 2>/dev/null || scripts/packages.sh python3-venv >&2 ||
        fail "python3 (3.9 or newer, with venv) is missing; Slack's SDK, which proves the stand-in, needs it"
    rm -rf "$place"
    python3 -m venv "$place" >&2 || fail "python3 cannot make a virtual environment in $place"
    "$python" -m pip install --quiet --disable-pip-version-check --no-input --requirement "$wanted" >&2 ||
        fail "pip could not install $wanted; it needs PyPI or a mirror of it once"
    cp "$wanted" "$place/installed"
fi
case "$python" in
    /*) printf '%s\n' "$python" ;;
    *) printf '%s\n' "$PWD/$python" ;;
esac
