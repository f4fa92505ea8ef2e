#!/bin/sh
# Installs the Holdfast of this folder, or makes it the version in use: /opt/holdfast-VERSION with a link /opt/holdfast to it.
# Starts, restarts and enables nothing. May be run again: it says what it changed, and nothing where nothing was to be done.
#
#   install.sh [--root DIR] [--generators]
#
#   --root DIR     into the tree below DIR (an image, a chroot) instead of this machine's
#   --generators   units for the instances of /etc/procServ.d and ~/.config/procServ.d, made by systemd at boot (manage-procs)
set -eu

root= generators=
while [ $# -gt 0 ]; do
  case $1 in
    --root) root=${2:?install.sh: --root: which directory?}; shift 2 ;;
    --generators) generators=1; shift ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "install.sh: unknown argument '$1'; --help says what there is" >&2; exit 64 ;;
  esac
done
here=$(cd "$(dirname "$0")" && pwd -P)
name=$(basename "$here")
case $name in holdfast-*) ;; *) echo "install.sh: run it in the folder of the unpacked archive, not in $here" >&2; exit 64 ;; esac

# Only with what this host can run: a wrong architecture or an old C library shows here, before anything was changed.
"$here/build/node" -e 'require(process.argv[1])' "$here/build/holdfast.node" ||
  { echo "install.sh: the programs of $here do not run on this host ($(uname -m)); nothing was changed" >&2; exit 69; }

mkdir -p "$root/opt"
at=$(cd "$root/opt" && pwd -P)/$name
if [ "$here" != "$at" ] && ! diff -rq --no-dereference "$here" "$at" >/dev/null 2>&1; then
  # In one step, also over a version of the same name that is running: it keeps its files until it ends.
  rm -rf "$at.new"
  cp -a "$here" "$at.new"
  [ ! -e "$at" ] || mv "$at" "$at.old.$$"
  mv "$at.new" "$at"
  rm -rf "$at.old.$$"
  echo "installed /opt/$name"
fi

# link TARGET PATH: never over what is not a link of ours.
link() {
  if [ "$(readlink "$root$2" 2>/dev/null)" = "$1" ]; then
    return
  fi
  case $(readlink "$root$2" 2>/dev/null) in
    holdfast-* | /opt/holdfast/*) ;;
    *) if [ -e "$root$2" ] || [ -L "$root$2" ]; then echo "install.sh: $root$2 is not ours; left alone" >&2; return; fi ;;
  esac
  mkdir -p "$(dirname "$root$2")"
  ln -s "$1" "$root$2.new.$$"
  mv -T "$root$2.new.$$" "$root$2"
  echo "linked $2 -> $1"
}

# copy FILE PATH
copy() {
  if ! cmp -s "$1" "$root$2"; then
    mkdir -p "$(dirname "$root$2")"
    cp "$1" "$root$2.new.$$"
    mv "$root$2.new.$$" "$root$2"
    echo "wrote $2"
  fi
}

link "$name" /opt/holdfast
link /opt/holdfast/bin/holdfast /usr/local/bin/holdfast
for unit in "$here"/systemd/*.service "$here"/systemd/*.socket; do
  copy "$unit" "/usr/local/lib/systemd/system/$(basename "$unit")"
done
copy "$here/systemd/sysusers.d/holdfast.conf" /etc/sysusers.d/holdfast.conf
copy "$here/systemd/tmpfiles.d/holdfast.conf" /etc/tmpfiles.d/holdfast.conf
if [ -n "$generators" ]; then
  for scope in system user; do
    link "/opt/holdfast/bin/systemd-procserv-generator-$scope" \
      "/usr/local/lib/systemd/$scope-generators/systemd-procserv-generator-$scope"
  done
fi

if command -v systemd-sysusers >/dev/null; then
  systemd-sysusers ${root:+"--root=$root"} holdfast.conf
fi
if [ -z "$root" ] && [ -d /run/systemd/system ]; then
  systemd-tmpfiles --create holdfast.conf
  systemctl daemon-reload
fi
