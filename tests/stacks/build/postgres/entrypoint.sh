#!/bin/sh
# Copies the cluster made with the image into an empty volume, then becomes PostgreSQL as its own user. POSTGRES_PASSWORD,
# POSTGRES_PASSWORD_FILE, POSTGRES_USER, POSTGRES_DB and POSTGRES_HOST_AUTH_METHOD mean what they mean to the official
# image; unlike that one it starts without a password too, and lets nobody in by it.
set -eu
umask 077

as_postgres() {
    setpriv --reuid=postgres --regid=postgres --init-groups "$@"
}

tell() {
    printf '%s\n' "$1" | as_postgres postgres --single -D "$PGDATA" -c log_checkpoints=off postgres > /dev/null
}

make_cluster() {
    user=${POSTGRES_USER:-postgres}
    database=${POSTGRES_DB:-$user}
    password=${POSTGRES_PASSWORD:-}
    [ -z "${POSTGRES_PASSWORD_FILE:-}" ] || password=$(cat "$POSTGRES_PASSWORD_FILE")
    quoted=$(printf '%s' "$password" | sed "s/'/''/g")
    as_postgres cp -R /usr/share/stack/cluster/. "$PGDATA"
    [ "$user" = postgres ] || tell "CREATE ROLE \"$user\" SUPERUSER LOGIN"
    [ -z "$password" ] || tell "ALTER ROLE \"$user\" PASSWORD '$quoted'"
    [ "$database" = postgres ] || tell "CREATE DATABASE \"$database\" OWNER \"$user\""
    echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
}

[ "${1:-}" != postgres ] || shift
install -d -o postgres -g postgres -m 0755 /run/postgresql
install -d -o postgres -g postgres -m 0700 "$PGDATA"
[ -s "$PGDATA/pg_hba.conf" ] || make_cluster
exec setpriv --reuid=postgres --regid=postgres --init-groups \
    postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/run/postgresql -c jit=off "$@"
