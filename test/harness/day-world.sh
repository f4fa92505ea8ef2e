#!/bin/bash
# The host of docs/guide/a-day.md, inside guide-world.sh: twenty folders of IOCs, one with a mistake in its st.cmd, and an
# operator. It is noon, whenever the page is tried: 'until 06:00' is tomorrow, and 'two hours ago' is today.
set -euo pipefail

ln -sf "/usr/share/zoneinfo/Etc/GMT$(printf '%+d' $(($(date -u +%-H) - 12)))" /etc/localtime
rm -rf /etc/conserver
groupadd vac-operators
useradd --system --no-create-home iocuser
useradd --no-create-home -G vac-operators vera

mkdir -p /opt/epics/bin /opt/epics/modules/psu/2.1.0
cat >/opt/epics/bin/iocsh.bash <<'END'
#!/bin/sh
# Loads the modules that st.cmd requires, then is the shell of an IOC.
while read -r word module version; do
  [ "$word" = require ] || continue
  [ -d "/opt/epics/modules/$module/$version" ] || { echo "require: module $module version $version not available"; exit 1; }
  echo "require: module $module version $version loaded"
done <"$1"
exec /opt/holdfast/examples/sim-ioc "${PWD##*/e3-ioc-}" 3600
END
chmod +x /opt/epics/bin/iocsh.bash

for name in bpm-0{1,2,3,4} cryo-01 mps psu-0{1,2,3} rf-0{1,2,3,4} timing vac-0{1,2,3,4,5,6}; do
  mkdir -p "/opt/iocs/e3-ioc-$name"
  case $name in
    psu-02) echo 'require psu 2.2.0' ;;
    psu-*) echo 'require psu 2.1.0' ;;
  esac >"/opt/iocs/e3-ioc-$name/st.cmd"
done
