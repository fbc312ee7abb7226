# Wait, ten minutes at most, until what comes back after a restart of the host is there.
for attempt in $(seq 200); do
  now=$("$ENGINE" inspect --format '{{.State.Status}} {{with .State.Health}}{{.Status}}{{end}}' \
    conformance-restarts-always-1 conformance-restarts-unless_stopped-1 conformance-restarts-on_failure_running-1 \
    conformance-restarts-joined-1 | sed 's, *$,,')
  [ "$now" != "running healthy
running
running
running" ] || break
  sleep 3
done
echo "all is back $(cut -d. -f1 /proc/uptime) s after the boot"
