#!/bin/sh
# cgroups.sh NAME: the control group that the kubelet keeps its pods under, in
# whichever version of control groups the machine has.
set -eu
name=$1
root=/sys/fs/cgroup
if [ -e $root/cgroup.controllers ]; then
    mkdir -p $root/"$name"
    for group in $root $root/"$name"; do
        # One at a time: a controller that may not be passed on must not hold up the others.
        for controller in $(cat $group/cgroup.controllers); do
            echo "+$controller" >$group/cgroup.subtree_control || echo "without $controller" >&2
        done
    done
else
    for controller in $root/*/; do mkdir -p "$controller$name"; done
    # Version 1 hands down an empty set of processors, in which nothing can run.
    for file in cpus mems; do cat $root/cpuset/cpuset.$file >$root/cpuset/"$name"/cpuset.$file; done
fi
