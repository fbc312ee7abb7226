#!/bin/sh
# Becomes one of the services, by its first argument; what follows is the service's command as its official image takes it.
set -eu

kind=$1
shift
case $kind in
    redis)
        case ${1:-} in '' | -*) set -- redis-server "$@" ;; esac
        # the project's network is the only way in
        exec "$@" --protected-mode no --dir /data
        ;;
    memcached) exec memcached -u memcache "$@" ;;
    nginx) exec nginx -g 'daemon off;' ;;
    nats) exec nats-server "$@" ;;
    *)
        echo "$kind is none of redis, memcached, nginx and nats" >&2
        exit 64 # EX_USAGE of sysexits.h
        ;;
esac
