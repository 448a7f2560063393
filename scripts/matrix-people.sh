#!/usr/bin/env bash
# Runs the people of the Matrix tests: they use matrix-nio, a client that shares no code with Usher. What they do is told
# on standard input, a line of JSON each; scripts/matrix/people.py says which. `install` only installs what they need.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=$(scripts/matrix/venv.sh people 'import nio.crypto')
if [ "${1:-}" = install ]; then
    printf '%s\n' "$python"
else
    exec env PYTHONDONTWRITEBYTECODE=1 "$python" scripts/matrix/people.py "$@"
fi
