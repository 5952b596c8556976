#!/usr/bin/env bash
# All four labs as one running system, on this machine, until Ctrl-C: four_labs.sh DIR [BASE_PORT]
#   nodes  1 to  3  a cell of the lock service (lab 4) over Raft (lab 3)
#   nodes 11 to 13  administrators, who decide the rings by a Paxos log (lab 2)
#   nodes 21 to 24  a cache on a hash ring (lab 1), two replicas a key
#   nodes 31 to 34  beside each of them a name service (lab 4), which announces it in the cell
#   node  41        watches who is announced, has the administrators change the ring, and publishes it (lab 4)
#   node  51        uses the cache, and goes by the published ring (lab 4)
# Node k listens on BASE_PORT + k of 127.0.0.1, in plain text. IMPL=labs runs yours instead of the solutions.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
data=${1:?"four_labs.sh DIR [BASE_PORT]: say where the data goes"}
base=${2:-7200}
impl=${IMPL:-solutions}
build=${QUORUM_BUILD:-$root/build/dev}
if [[ -z ${QUORUM_BUILD:-} ]]; then
  "$root/quorum" --help >/dev/null
  ninja -C "$build" quorum_node module_"$impl"_{hash_ring,paxos,raft,lock_service} >/dev/null
fi
mkdir -p "$data"
nodes=(1 2 3 11 12 13 21 22 23 24 31 32 33 34 41 51)
addresses=()
for node in "${nodes[@]}"; do addresses+=(--address "$node=127.0.0.1:$((base + node))"); done

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
trap 'exit 0' INT TERM

# start LAB ROLE NODE CONFIG [ARGUMENT...]
start() {
  "$build/bin/quorum_node" --module "$build/modules/$impl/$1.so" --role "$2" --node "$3" --data "$data/node-$3" \
    --config "$4" --die-with-parent "${addresses[@]}" "${@:5}" >"$data/node-$3.out" 2>>"$data/node-$3.log" &
  echo $! >"$data/node-$3.pid"
}
# call NODE METHOD JSON
call() { "$build/bin/quorum" call "127.0.0.1:$((base + $1))" "$2" "$3" >/dev/null 2>&1; }

type=type.googleapis.com/quorum
ring='{"epoch": 1, "replicas": 2, "pointsPerUnit": 64, "members": [{"node": 21, "weight": 1}, {"node": 22, "weight": 1},
       {"node": 23, "weight": 1}, {"node": 24, "weight": 1}]}'
library='"servers": [1, 2, 3], "graceNs": "8000000000"'
for node in 1 2 3; do
  start lock_service lock_service.server $node "{\"peers\": [1, 2, 3], \"lab\": {
    \"@type\": \"$type.lock_service.LockServerConfig\", \"leaseNs\": \"4000000000\"}}" --log-module "$build/modules/$impl/raft.so"
done
for node in 11 12 13; do
  start paxos paxos.administrator $node "{\"peers\": [11, 12, 13], \"lab\": {
    \"@type\": \"$type.paxos.AdministratorConfig\", \"ring\": $ring}}"
done
for node in 21 22 23 24; do
  start hash_ring cache.node $node "{\"peers\": [21, 22, 23, 24], \"lab\": {
    \"@type\": \"$type.hash_ring.CacheConfig\", \"ring\": $ring}}"
  start lock_service lock_service.names $((node + 10)) "{\"peers\": [$((node + 10))], \"lab\": {
    \"@type\": \"$type.lock_service.NamesConfig\", \"directory\": \"/ls/local/members\", $library}}"
done
start lock_service lock_service.ring 41 "{\"peers\": [41], \"lab\": {
  \"@type\": \"$type.lock_service.RingKeeperConfig\", \"directory\": \"/ls/local/members\", \"name\": \"cache\",
  \"published\": \"/ls/local/ring\", \"ring\": $ring, \"administrators\": [11, 12, 13], $library}}"
start lock_service lock_service.cache 51 "{\"peers\": [51], \"lab\": {
  \"@type\": \"$type.lock_service.CacheFrontConfig\", \"published\": \"/ls/local/ring\", $library}}"

for node in "${nodes[@]}"; do
  until grep -q 'listens on' "$data/node-$node.out"; do
    kill -0 "$(<"$data/node-$node.pid")" 2>/dev/null || {
      tail -n 1 "$data/node-$node.log" >&2
      exit 1
    }
    sleep 0.05
  done
done
for node in 21 22 23 24; do
  until call $((node + 10)) /quorum.lock_service.Names/Register "{\"name\": \"cache\", \"address\": \"$node\"}"; do
    sleep 0.1
  done
done

servers=127.0.0.1:$((base + 1)),127.0.0.1:$((base + 2)),127.0.0.1:$((base + 3))
cat <<EOF
All four labs run. Try, from another terminal:
  ./quorum call 127.0.0.1:$((base + 51)) /quorum.hash_ring.Cache/Put '{"key":"colour","value":"blue"}'
  ./quorum lock --servers $servers ls /ls/local/members
  kill -9 \$(cat $data/node-24.pid $data/node-34.pid)    # a machine dies; some seconds later:
  ./quorum call 127.0.0.1:$((base + 41)) /quorum.lock_service.RingKeeper/GetRing
  ./quorum call 127.0.0.1:$((base + 51)) /quorum.hash_ring.Cache/Get '{"key":"colour"}'
EOF
wait
