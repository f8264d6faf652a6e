#!/usr/bin/env bash
# ray_cluster.sh NODES CPUS COMMAND...: runs COMMAND beside a Ray cluster of so many nodes on this machine, each with so many
# processors. RAY_ADDRESS tells where it is. Head, nodes and command have a network and processes of their own (Linux namespaces):
# nobody else can reach the cluster, which by itself would listen to everybody, and nothing of it outlives the command. It asks for a token,
# in the file RAY_AUTH_TOKEN_PATH. CROSSFACE_RAY_GPUS: so many cards each node says that it has (0).
set -euo pipefail
deps=${CROSSFACE_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/crossface/deps}
ray=$deps/ray/bin/ray
if [ "${CROSSFACE_RAY_CLUSTER:-}" != inside ]; then
  [ -x "$ray" ] || { echo "ray_cluster: Ray is not in $deps: run tools/setup.sh --ray" >&2; exit 1; }
  # Short: sockets lie in it.
  folder=$(mktemp -d /tmp/cfray.XXXXXX); trap 'rm -rf "$folder"' EXIT
  user=(); [ "$(id -u)" = 0 ] || user=(--map-root-user)
  code=0
  # unshare does not listen to signals, and its child, the first of its processes, to no other than this one.
  CROSSFACE_RAY_CLUSTER=inside CROSSFACE_RAY_FOLDER=$folder unshare "${user[@]}" --net --pid --fork --kill-child --mount-proc "$0" "$@" <&0 &
  trap 'kill -KILL $! 2>/dev/null' TERM HUP
  wait $! || code=$?
  exit "$code"
fi
nodes=$1 cpus=$2; shift 2
unset CROSSFACE_RAY_CLUSTER
ip link set lo up
export RAY_AUTH_MODE=token RAY_AUTH_TOKEN_PATH=$CROSSFACE_RAY_FOLDER/token
unset RAY_AUTH_TOKEN
(umask 077 && head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$RAY_AUTH_TOKEN_PATH")
export RAY_ADDRESS=127.0.0.1:6379 RAY_USAGE_STATS_ENABLED=0 CROSSFACE_RAY_NODES=$nodes
common=(--num-cpus="$cpus" --num-gpus="${CROSSFACE_RAY_GPUS:-0}" --include-log-monitor=false --disable-usage-stats --object-store-memory=200000000)
start() { # NUMBER ARGUMENTS
  local number=$1; shift
  RAY_ADDRESS='' "$ray" start "${common[@]}" --temp-dir="$CROSSFACE_RAY_FOLDER/$number" "$@" >"$CROSSFACE_RAY_FOLDER/start-$number" 2>&1 ||
    { cat "$CROSSFACE_RAY_FOLDER/start-$number" >&2; echo "ray_cluster: node $number did not start" >&2; exit 1; }
}
start 1 --head --port=6379 --include-dashboard=false
for number in $(seq 2 "$nodes"); do start "$number" --address=127.0.0.1:6379; done
code=0
"$@" || code=$?
if [ -n "${CROSSFACE_RAY_LOGS:-}" ]; then mkdir -p "$CROSSFACE_RAY_LOGS" && cp -r "$CROSSFACE_RAY_FOLDER"/*/session_latest/logs "$CROSSFACE_RAY_LOGS" 2>/dev/null || true; fi
exit "$code"
