#!/bin/bash
# Boots a systemd of its own, tells its pid on standard output, and takes everything down again when standard input ends:
#
#   boot-systemd.sh TARGET PREPARE
#
# TARGET is the unit to boot to; PREPARE a shell script that runs in the new root before that: users, units, enabling.
# The world is the machine's own / under a writable layer that is thrown away, in namespaces of its own, network included.
# Exit status 77: not possible here; the reason is on standard error. Never done bare on the machine itself: a systemd that
# sees the machine's /tmp empties it.
set -euo pipefail

skip() { echo "$*" >&2; exit 77; }

stage() {
  local root=$WORLD/root
  mount --make-rprivate /
  mount -t tmpfs -o mode=755 holdfast-world "$WORLD/layers"
  mkdir "$WORLD/layers/upper" "$WORLD/layers/work"
  mount -t overlay -o "lowerdir=/,upperdir=$WORLD/layers/upper,workdir=$WORLD/layers/work" overlay "$root"

  # An overlay shows the first file system only: those that hold ordinary files come along, to be read.
  local folder type
  while read -r folder type; do
    case $folder in / | /proc* | /sys* | /dev* | /run* | /tmp*) continue ;; esac
    case $type in
      ext* | xfs | btrfs | zfs | overlay | nfs* | 9p | virtiofs | fuse.*)
        if [[ -d $root$folder ]] && mount --bind "$folder" "$root$folder"; then
          mount -o remount,bind,ro "$root$folder"
        fi
        ;;
    esac
  done < <(findmnt -nr -o TARGET,FSTYPE)

  mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
  mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
  mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"
  # What belongs to the kernel as a whole may be looked at.
  for each in sys sysrq-trigger; do
    if [[ -e $root/proc/$each ]]; then
      mount --bind "$root/proc/$each" "$root/proc/$each"
      mount -o remount,bind,ro "$root/proc/$each"
    fi
  done
  mount -t tmpfs -o mode=755,nosuid,nodev run "$root/run"
  mount -t tmpfs -o mode=1777,nosuid,nodev tmp "$root/tmp"
  mount -t tmpfs -o mode=755,nosuid dev "$root/dev"
  local name mode minor major
  while read -r name mode major minor; do
    mknod -m "$mode" "$root/dev/$name" c "$major" "$minor"
  done <<<$'null 666 1 3\nzero 666 1 5\nfull 666 1 7\nrandom 666 1 8\nurandom 666 1 9\ntty 666 5 0'
  mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue" "$root/run/lock"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
  mount -t tmpfs -o mode=1777,nosuid,nodev shm "$root/dev/shm"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s null "$root/dev/console"
  ln -s /proc/self/fd "$root/dev/fd"
  ln -s fd/0 "$root/dev/stdin"; ln -s fd/1 "$root/dev/stdout"; ln -s fd/2 "$root/dev/stderr"

  # Nothing that the machine has enabled starts here, and nothing that is about hardware.
  local system=$root/etc/systemd/system
  rm -rf "$system"/*.wants "$system"/*.requires "$root"/etc/rc?.d
  : >"$root/etc/fstab"
  mkdir -p "$root"/etc/{tmpfiles.d,systemd/system.conf.d,systemd/journald.conf.d}
  : >"$root/etc/tmpfiles.d/tmp.conf"
  for each in systemd-{udevd,udev-trigger,sysctl,modules-load,binfmt,remount-fs,tmpfiles-setup-dev,firstboot}.service \
    systemd-{update-utmp,random-seed,pcrphase,pcrphase-sysinit}.service systemd-udevd-{kernel,control}.socket \
    proc-sys-fs-binfmt_misc.automount dev-hugepages.mount sys-kernel-{debug,tracing,config}.mount tmp.mount \
    sys-fs-fuse-connections.mount kmod-static-nodes.service getty.target console-getty.service; do
    ln -sf /dev/null "$system/$each"
  done
  printf '[Manager]\nDefaultTimeoutStopSec=10s\nStatusUnitFormat=name\n' >"$root/etc/systemd/system.conf.d/world.conf"
  printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nReadKMsg=no\nAudit=no\n' \
    >"$root/etc/systemd/journald.conf.d/world.conf"
  tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
  echo holdfast-world >"$root/etc/hostname"
  hostname holdfast-world
  ip link set lo up

  cd "$root"
  mkdir .machine
  pivot_root . .machine
  cd /
  env -i PATH="$PATH" HOME=/root LANG=C.UTF-8 SYSTEMD_OFFLINE=1 bash -euc "$PREPARE"
  umount -l /.machine
  rmdir /.machine
  mount --make-rshared /
  exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 container=holdfast-world \
    "$SYSTEMD" --system --unit="$TARGET" --show-status=no --log-target=journal --log-level=info
}

if [[ ${1-} == --stage ]]; then
  stage
fi

target=$1 prepare=$2
((EUID == 0)) || skip 'booting a systemd needs root'
systemd=
for each in /lib/systemd/systemd /usr/lib/systemd/systemd; do
  [[ ! -x $each ]] || systemd=$each
done
[[ -n $systemd ]] || skip 'there is no systemd on this machine'
for each in unshare nsenter findmnt ip; do
  command -v "$each" >/dev/null || skip "$each is not installed"
done

world=$(mktemp -d /tmp/holdfast-world.XXXXXX)
mkdir "$world/root" "$world/layers"
tree=$(findmnt -nr -t cgroup2 -o TARGET | head -n1 || true)
mounted=
if [[ -z $tree ]]; then
  tree=$world/cgroup2
  mkdir "$tree"
  mount -t cgroup2 cgroup2 "$tree" 2>/dev/null || { rm -r "$world"; skip 'cgroup2 cannot be mounted here'; }
  mounted=$tree
fi
group=$tree/${world##*/}
mkdir "$group" 2>/dev/null || { [[ -z $mounted ]] || umount "$mounted"; rm -r "$world"; skip "$tree is read-only"; }

# Waits without a process: nobody writes to this pipe.
exec {nobody}<> <(:)
pause() {
  read -rt 0.02 -u "$nobody" || true
}

outer=
take_down() {
  local status=$?
  trap - EXIT INT TERM HUP
  # The pid namespace goes with its first process, which --kill-child ends with unshare.
  if [[ -n $outer ]]; then
    kill -KILL "$outer" 2>/dev/null || true
    wait "$outer" 2>/dev/null || true
  fi
  local limit=$((SECONDS + 10))
  while [[ -d $group ]] && ((SECONDS < limit)); do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || pause
  done
  [[ -z $mounted ]] || umount "$mounted" || true
  rm -rf --one-file-system "$world"
  exit "$status"
}
trap take_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

(
  echo "$BASHPID" >"$group/cgroup.procs"
  exec env WORLD="$world" TARGET="$target" PREPARE="$prepare" SYSTEMD="$systemd" \
    unshare --fork --kill-child --pid --mount --uts --ipc --cgroup --net bash "$0" --stage
) </dev/null >"$world/stage.log" 2>&1 &
outer=$!

init= words=()
limit=$((SECONDS + 30))
until [[ ${words[*]-} == *systemd*--system* && -S /proc/$init/root/run/systemd/private ]]; do
  if ! kill -0 "$outer" 2>/dev/null || ((SECONDS > limit)); then
    cat "$world/stage.log" >&2
    grep -q 'unshare failed' "$world/stage.log" && exit 77
    exit 70
  fi
  pause
  read -r init _ 2>/dev/null <"/proc/$outer/task/$outer/children" || true
  [[ -z $init ]] || mapfile -d '' words 2>/dev/null <"/proc/$init/cmdline" || true
  # A cgroup with processes of its own hands no controllers down: systemd left its root, and so does who has started it.
  [[ -z $init ]] || echo "$outer" >"$tree/cgroup.procs" 2>/dev/null || true
done
echo "$init"
cat >/dev/null
