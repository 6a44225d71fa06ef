#!/bin/sh
# init.sh FOLDER: the first process of a rig's namespaces. Takes orders from
# standard input, one line each, and answers each with one line:
#
#   start NAME         run FOLDER/cmd/NAME in the background, output to FOLDER/logs/NAME
#   run NAME           the same, and wait for its exit code
#   signal SIG NAME    to a started command; KILL also waits for its end, STOP until all its threads stand
#   alive NAME
#
# The end of standard input is the end of everything (see supervisor.sh).
set -u
folder=$1

# Mounts of containers and volumes stay in this namespace, and pods may share them.
mount --make-rshared /
# Places that the kubelet, containerd and CNI plugins write to whatever they are told.
for place in /run /var/log /var/lib/cni /var/lib/kubelet; do
    mkdir -p "$place" && mount -t tmpfs rig "$place"
done
cd "$folder" || exit 1

is_alive() { # a zombie answers signals too
    [ -n "$1" ] && read -r _ _ state _ 2>/dev/null <"/proc/$1/stat" && [ "$state" != Z ]
}

# A stop is dealt out by the one thread that takes the signal: until that one gets a processor, the others run on.
is_stopped() {
    for thread in "/proc/$1/task"/*/stat; do
        if read -r _ _ state _ 2>/dev/null <"$thread"; then
            case $state in T | Z | X) ;; *) return 1 ;; esac
        fi
    done
}

echo "ready $folder"
while read -r verb first second; do
    case $verb in
    start)
        setsid sh "cmd/$first" >>"logs/$first" 2>&1 </dev/null &
        echo "$!" >"cmd/$first.pid"
        echo ok
        ;;
    run)
        if setsid --wait sh "cmd/$first" >>"logs/$first" 2>&1 </dev/null; then echo ok; else echo "failed: exit code $?"; fi
        ;;
    signal)
        pid=$(cat "cmd/$second.pid" 2>/dev/null)
        if is_alive "$pid" && kill -"$first" "$pid"; then
            case $first in
            KILL) wait "$pid" 2>/dev/null ;;
            STOP) until is_stopped "$pid"; do sleep 0.01; done ;;
            esac
            echo ok
        else
            echo "failed: $second is not running"
        fi
        ;;
    alive)
        pid=$(cat "cmd/$first.pid" 2>/dev/null)
        if is_alive "$pid"; then echo yes; else echo no; fi
        ;;
    *) echo "failed: no order $verb" ;;
    esac
done
