#!/usr/bin/env bash
# A private PostgreSQL for the tests: `start`, `stop`, `url`. Starting one that runs changes nothing.
#
# It lives in a directory of its own under $TMPDIR, listens on a Unix socket and on a free port of the
# loopback, and never touches an installed cluster. USHER_POSTGRES_DIR names another directory.
# Where PostgreSQL or PgBouncer is missing, Debian's package is installed (as root or with sudo).
set -euo pipefail

directory=${USHER_POSTGRES_DIR:-${TMPDIR:-/tmp}/usher-postgres-$(id -u)}
data=$directory/data
packages=$(dirname "${BASH_SOURCE[0]}")/packages.sh

fail() {
    printf 'scripts/postgres.sh: %s\n' "$*" >&2
    exit 1
}

# PostgreSQL does not run as root; there everything is done as the user that Debian's package made.
as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && setpriv --reuid=postgres --regid=postgres --init-groups "$@")
    else
        "$@"
    fi
}

find_programs() {
    local candidate
    for candidate in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(dirname "$(command -v pg_ctl || echo /none/x)")"; do
        if [ -x "$candidate/initdb" ] && [ -x "$candidate/pg_ctl" ]; then
            programs=$candidate
            return 0
        fi
    done
    return 1
}

running() {
    [ -f "$data/postmaster.pid" ] && as_owner "$programs/pg_ctl" -D "$data" status >/dev/null 2>&1
}

free_port() {
    local port
    for port in $(seq 54320 54999); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
    fail "no port from 54320 to 54999 is free"
}

start() {
    # The package starts a cluster of its own; the tests need none of it.
    find_programs || { "$packages" postgresql && find_programs; } || fail "PostgreSQL is missing and could not be installed"
    # The tests start it themselves, before this server.
    [ -x /usr/sbin/pgbouncer ] || [ -x /usr/bin/pgbouncer ] || "$packages" pgbouncer
    running && return 0
    rm -rf "$directory"
    mkdir -p "$directory"
    if [ "$(id -u)" -eq 0 ]; then chown postgres "$directory"; fi
    chmod 700 "$directory"
    as_owner "$programs/initdb" -D "$data" -U usher -A trust -E UTF8 --locale=C --no-sync >/dev/null
    free_port > "$directory/port"
    # What is tested here are processes that die, and no machine that does: nothing waits for the disk.
    if ! as_owner "$programs/pg_ctl" -D "$data" -w -t 60 -l "$directory/log" \
        -o "-p $(cat "$directory/port") -k $directory -c listen_addresses=127.0.0.1 -c max_connections=200 -c fsync=off" start >/dev/null; then
        cat "$directory/log" >&2
        fail "PostgreSQL does not start"
    fi
    as_owner "$programs/createdb" -h 127.0.0.1 -p "$(cat "$directory/port")" -U usher usher
}

stop() {
    find_programs || return 0
    if running; then as_owner "$programs/pg_ctl" -D "$data" -m immediate -w stop >/dev/null; fi
    rm -rf "$directory"
}

restart() {
    find_programs || fail "PostgreSQL is missing"
    as_owner "$programs/pg_ctl" -D "$data" -m fast -w -t 60 restart >/dev/null
}

url() {
    [ -f "$directory/port" ] || fail "not started; run \`scripts/postgres.sh start\`"
    echo "postgres://usher@127.0.0.1:$(cat "$directory/port")/usher"
}

case "${1:-}" in
    start | stop | restart | url) "$1" ;;
    *) fail "say start, stop, restart or url" ;;
esac
