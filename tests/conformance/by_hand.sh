# What somebody does to the project by hand, between its two runs; ENGINE is docker or podman.
set -e
"$ENGINE" exec conformance-merged-2 sh -c 'echo kept > /anonymous/file; echo lost > /lost'
"$ENGINE" update --memory 96m --memory-swap 96m conformance-merged-2 > /dev/null
"$ENGINE" pause conformance-console-1 > /dev/null
"$ENGINE" rm --force --volumes conformance-joined-1 > /dev/null
