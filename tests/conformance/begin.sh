# Comes first: a way to ask for a web page from the host, and a host outside that has no route back, so that what reaches
# it went through the engine's translation of addresses.
mkdir -p "$WORK/outside"
cat > "$WORK/ask" <<'SCRIPT'
# ask ADDRESS PORT [SECONDS]: the page's last line
timeout "${3:-5}" bash -c 'exec 3<> "/dev/tcp/$1/$2" && printf "GET / HTTP/1.0\r\n\r\n" >&3 && tail -n 1 <&3' ask "$1" "$2" 2> /dev/null ||
  echo no answer
SCRIPT
# what a run that was interrupted has left: its server keeps the network, and so the link, alive
ip netns pids conformance-outside 2> /dev/null | xargs --no-run-if-empty kill
ip netns del conformance-outside 2> /dev/null
ip link del conformance0 2> /dev/null
ip netns add conformance-outside
ip link add conformance0 type veth peer name eth0 netns conformance-outside
ip address add 10.251.251.1/24 dev conformance0
ip link set conformance0 up
# a namespace inherits the host's settings: this one stands for another machine
ip netns exec conformance-outside sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 \
  net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.eth0.arp_ignore=0 net.ipv4.conf.all.arp_announce=0
ip -n conformance-outside link set lo up
ip -n conformance-outside link set eth0 up
ip -n conformance-outside address add 10.251.251.2/24 dev eth0
echo outside > "$WORK/outside/index.html"
ip netns exec conformance-outside busybox httpd -p 8000 -h "$WORK/outside" > /dev/null 2>&1
