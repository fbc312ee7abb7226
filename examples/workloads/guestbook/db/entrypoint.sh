#!/bin/sh
# Makes the database cluster on the first start, then becomes PostgreSQL. Runs as the image's own user.
#
# POSTGRES_PASSWORD (needed on the first start), POSTGRES_USER and POSTGRES_DB (default: guestbook) mean what they mean
# to the official image. PGDATA is a directory inside the volume, not the volume itself: the cluster is made beside it
# and renamed when it is whole, so a first start that was interrupted is done again.
set -eu

: "${PGDATA:?PGDATA must name a directory inside the volume}"
POSTGRES_USER="${POSTGRES_USER:-guestbook}"
POSTGRES_DB="${POSTGRES_DB:-$POSTGRES_USER}"

fail() {
    echo "entrypoint: $1" >&2
    exit 64 # EX_USAGE of sysexits.h
}

make_cluster() {
    [ -n "${POSTGRES_PASSWORD:-}" ] || fail "POSTGRES_PASSWORD is not set; the first start needs it"
    case "$POSTGRES_DB$POSTGRES_USER" in
        *[!A-Za-z0-9_-]*) fail "POSTGRES_DB and POSTGRES_USER may hold letters, digits, _ and - only" ;;
    esac
    [ -w "$(dirname "$PGDATA")" ] || fail "$(dirname "$PGDATA") is not writable for user $(id -u)"

    partial="$PGDATA.partial"
    rm -rf "$partial"
    password_file="$(mktemp)"
    printf '%s\n' "$POSTGRES_PASSWORD" > "$password_file"
    # the whole is synced once, at the end
    initdb --pgdata="$partial" --username="$POSTGRES_USER" --pwfile="$password_file" --encoding=UTF8 \
        --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8 --data-checksums \
        --auth-local=trust --auth-host=scram-sha-256 --no-instructions --no-sync
    rm -f "$password_file"
    if [ "$POSTGRES_DB" != postgres ]; then
        printf 'CREATE DATABASE "%s";\n' "$POSTGRES_DB" |
            postgres --single -D "$partial" -c log_checkpoints=off postgres > /dev/null
    fi
    # the network of the project is the only way in
    printf '%s\n' "host all all all scram-sha-256" >> "$partial/pg_hba.conf"
    sync -f "$partial"
    mv "$partial" "$PGDATA"
    sync -f "$(dirname "$PGDATA")"
}

if [ "${1:-postgres}" != postgres ]; then
    exec "$@"
fi
[ "$#" -eq 0 ] || shift

# process 1 ignores signals it does not ask for
trap 'exit 143' INT TERM
[ -s "$PGDATA/PG_VERSION" ] || make_cluster

# The settings fit the memory limit of the Compose file; a flag given as command comes last and so wins.
exec postgres -D "$PGDATA" \
    -c listen_addresses='*' \
    -c unix_socket_directories=/tmp \
    -c max_connections="${POSTGRES_MAX_CONNECTIONS:-40}" \
    -c shared_buffers="${POSTGRES_SHARED_BUFFERS:-32MB}" \
    -c dynamic_shared_memory_type=posix \
    -c jit=off \
    -c log_destination=stderr \
    -c logging_collector=off \
    "$@"
