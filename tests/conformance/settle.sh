# Wait, four minutes at most, until the containers of ends/compose.yml are what they will stay. What has not settled by
# then is looked at as it is, and the cases fail on it.
of() { printf 'conformance-ends-%s-1 ' "$@"; }
settled='checks_too_slowly running 0 unhealthy
comes_back running 1 starting
crashes exited 0
fails exited 0
finds_no_program exited 0
is_sick running 0 unhealthy
keeps_failing exited 2
succeeds exited 0
takes_too_much_memory exited 0'
format='{{.Name}} {{.State.Status}} {{.RestartCount}} {{with .State.Health}}{{.Status}}{{end}}'
for attempt in $(seq 120); do
  # shellcheck disable=SC2046 # one word for each container
  now=$("$ENGINE" inspect --format "$format" $(of $(echo "$settled" | cut -d ' ' -f 1)) |
    sed -E 's,^/,,; s,^conformance-ends-(.*)-1 ,\1 ,; s, +$,,' | sort)
  [ "$now" != "$settled" ] || break
  sleep 2
done
