#!/usr/bin/env bash
# A real Matrix homeserver (Synapse) on this machine alone, for the tests and for trying Usher. Say one of
#
#   install                  installs Synapse where it is missing, and prints the Python that has it
#   up [OPTION…] DIR [NAME…] starts a server whose files are in DIR, makes the users, and prints as JSON how to reach it;
#                            on files that are there already it is the same server again, with its port and its users
#   down DIR                 ends it; `kill DIR` ends it as a crash does; `pause DIR` has it hang until `resume DIR`
#   try [NAME…]              a server at http://localhost:8008 to try Usher with: it says what to do next.
#                            `try --stop` ends it, `try --remove` removes its files as well
#
# Options of `up`: --port N (else any that is free), --settings FILE (more of Synapse's settings, in its YAML: limits,
# for example), --tied (the server ends, and its files go, once standard input is closed).
#
# Synapse goes into a virtual environment below target/, in the versions of scripts/matrix/synapse.pins; USHER_CACHE names
# another folder. Where Python is missing, Debian's package is installed (as root or with sudo).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=$(scripts/matrix/venv.sh synapse 'import synapse')
if [ "${1:-}" = install ]; then
    printf '%s\n' "$python"
else
    exec "$python" scripts/matrix/homeserver.py "$@"
fi
