#!/usr/bin/env bash
# Moves a container with its data to another node by the algorithm of the original Flocker, with nothing but ssh: the peer
# that a move of Drover's is compared with. Runs on the node where the container is.
#   two_phase_move.sh BACKEND DESTINATION NUMBER BASE IMAGE PORT SSH_CONFIG
# NUMBER names this move's snapshots. BASE is the snapshot that the last move left on both nodes, "-" if there is none.
set -euo pipefail
backend=$1 destination=$2 number=$3 base=$4 image=$5 port=$6 config=$7
name=bench-script
running=move$number-running stopped=move$number-stopped

there() { ssh -F "$config" "$destination" "$@"; }

snapshot_btrfs() { btrfs -q subvolume snapshot -r "/flocker/$name/data" "/flocker/$name/$1" && sync -f "/flocker/$name"; }
# push SNAPSHOT BASE
push_btrfs() {
  local parent=()
  if [[ $2 == - ]]; then there mkdir -p "/flocker/$name"; else parent=(-p "/flocker/$name/$2"); fi
  btrfs -q send "${parent[@]}" "/flocker/$name/$1" | there btrfs -q receive "/flocker/$name"
}
serve_btrfs() { echo "btrfs -q subvolume snapshot /flocker/$name/$stopped /flocker/$name/data >/dev/null"; }
folder_btrfs() { echo "/flocker/$name/data"; }
forget_btrfs() { btrfs -q subvolume delete "/flocker/$name/data"; }

snapshot_zfs() { zfs snapshot "flocker/$name@$1"; }
push_zfs() {
  local parent=()
  [[ $2 == - ]] || parent=(-i "@$2")
  zfs send "${parent[@]}" "flocker/$name@$1" | there zfs receive -F "flocker/$name"
  [[ $2 != - ]] || there zfs set "mountpoint=/run/bench/$name" "flocker/$name"
}
serve_zfs() { echo true; }
folder_zfs() { echo "/run/bench/$name"; }
forget_zfs() { :; }

# Phase 1, while the application runs.
"snapshot_$backend" "$running"
"push_$backend" "$running" "$base"

# Phase 2.
docker stop "$name" >/dev/null
"snapshot_$backend" "$stopped"
"push_$backend" "$stopped" "$running"
there "$("serve_$backend") && docker run -d --name $name -p $port:6379 -v $("folder_$backend"):/data $image >/dev/null && iptables -t nat -F BENCH"
iptables -t nat -F BENCH
iptables -t nat -A BENCH -p tcp --dport "$port" -j DNAT --to-destination "$(getent ahostsv4 "$destination" | awk '{ print $1; exit }'):$port"

# It serves there.
docker rm "$name" >/dev/null
"forget_$backend"
