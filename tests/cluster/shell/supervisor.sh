#!/bin/sh
# supervisor.sh SLOT: holds one slot of the machine for one rig.
#
# Everything the rig runs lives in a PID and mount namespace of its own, whose
# first process is init.sh and reads our standard input. When that closes,
# because the test ended, panicked or was killed with SIGKILL, init.sh leaves,
# and the kernel ends all that ran below it, shims and containers too; their
# mounts go with the namespace. Then we take away what namespaces do not hold:
# control groups, the bridge, the folder.
set -u
slot=$1
here=$(dirname "$0")
base=/tmp/kglass-rig
folder=$base/$slot
marker=KGLASS_RIG_SLOT=$slot

cleanup() {
    # Only after a supervisor that was itself killed is there anything to find here.
    for entry in $(grep -lsxz "$marker" /proc/[0-9]*/environ); do
        kill -KILL "$(echo "$entry" | cut -d/ -f3)" 2>/dev/null
    done
    for cgroup in /sys/fs/cgroup/kglass-rig-"$slot" /sys/fs/cgroup/*/kglass-rig-"$slot"; do
        [ -d "$cgroup" ] || continue
        tries=0
        until find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null; do
            tries=$((tries + 1))
            [ $tries -lt 50 ] || break
            sleep 0.1 # a dying process still counts as a member for a moment
        done
    done
    if [ -e /sys/class/net/kglass-rig"$slot" ]; then ip link del kglass-rig"$slot"; fi
    if [ -n "${KGLASS_RIG_LOGS:-}" ] && [ -d "$folder/logs" ]; then
        mkdir -p "$KGLASS_RIG_LOGS" && cp -r "$folder/logs" "$KGLASS_RIG_LOGS/$(date +%H%M%S)-$slot"
    fi
    rm -rf "$folder"
}

mkdir -p -m 700 "$base"
[ -O "$base" ] || { echo "failed: $base belongs to somebody else"; exit 1; }
exec 9>"$base/$slot.lock"
# The lock lasts as long as the supervisor, so that nobody takes the slot while it is tidied up.
flock -n 9 || { echo busy; exit 0; }
trap : INT TERM HUP
cleanup
mkdir -m 700 "$folder" "$folder/logs" "$folder/cmd"

env "$marker" unshare --fork --pid --mount --mount-proc --kill-child=KILL \
    sh "$here/init.sh" "$folder" 9>&-
cleanup
