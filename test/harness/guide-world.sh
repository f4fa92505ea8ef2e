#!/bin/bash
# A machine for one page of documentation, which goes when standard input ends, with every process that was started on it:
#
#   guide-world.sh ROOT FOLDER PREPARE
#
# ROOT is the project, seen there as /opt/holdfast; FOLDER an empty directory; PREPARE a shell script that runs before "ready"
# is said. Own are /tmp, /run, /opt, /etc and /var (which begin as the machine's), network, processes, and the name `ioc-host`.
# Exit status 77: not possible here; the reason is on standard error.
set -euo pipefail

skip() { echo "$*" >&2; exit 77; }

build() {
  local root=$1 folder=$2
  mount --make-rprivate /
  mount -t tmpfs -o mode=755 guide "$folder"
  mkdir -p "$folder/opt/holdfast"
  mount --bind "$root" "$folder/opt/holdfast"
  mount -o remount,bind,ro "$folder/opt/holdfast"
  cp -a /etc "$folder/"
  mount --bind "$folder/etc" /etc
  mount --rbind "$folder/opt" /opt
  mkdir "$folder/var" "$folder/work"
  mount -t overlay -o "lowerdir=/var,upperdir=$folder/var,workdir=$folder/work" overlay /var
  mount -t tmpfs -o mode=755 run /run
  mount -t tmpfs -o mode=1777 tmp /tmp
  hostname ioc-host
  ip link set lo up
  printf '127.0.0.1 localhost\n127.0.1.1 ioc-host\n' >/etc/hosts
  cd /tmp
  bash -euc "$3" >&2 </dev/null
  # The first process of the machine: collects every orphan, and takes all others along.
  exec perl -e '$SIG{CHLD} = $SIG{TERM} = $SIG{INT} = "IGNORE"; $| = 1; print "ready\n"; 1 while <STDIN>'
}

if [[ $1 == --inside ]]; then
  shift
  build "$@"
fi
OWN=(unshare --mount --net --pid --uts --ipc --fork --mount-proc --kill-child)
for program in unshare nsenter ip hostname perl; do
  command -v "$program" >/dev/null || skip "not installed: $program"
done
"${OWN[@]}" true 2>/dev/null || skip "no namespaces with mounts and a network of their own for this user"
exec "${OWN[@]}" bash "$0" --inside "$@"
