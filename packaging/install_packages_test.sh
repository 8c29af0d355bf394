#!/usr/bin/env bash
# What install-packages brings along neither starts nor will start at boot, with systemctl and without; what was enabled
# before stays so. In a mount namespace of its own, on copies of the folders that it changes, with an apt-get that installs
# services with the tools by which packages do.
#   install_packages_test.sh INSTALL_PACKAGES
set -euo pipefail

if ((EUID != 0)); then
  # ./test names what was skipped.
  skipped='<testcase name="install_packages_test" result="skipped"><skipped message="needs root"/></testcase>'
  echo "<testsuites><testsuite>$skipped</testsuite></testsuites>" >"${XML_OUTPUT_FILE:-/dev/null}"
  exit 0
fi
for systemctl in with without; do
  unshare --mount bash -s "$(readlink -f "$1")" "$systemctl" <<'END'
set -euo pipefail
# Tests have a PATH without it; the tools that packages use are there.
export PATH=$PATH:/usr/sbin:/sbin
fail() { echo "$*" >&2; exit 1; }
mount -t tmpfs none /mnt
for folder in etc usr var/lib; do
  mkdir -p "/mnt/$folder/new" "/mnt/$folder/work"
  mount -t overlay -o "lowerdir=/$folder,upperdir=/mnt/$folder/new,workdir=/mnt/$folder/work" none "/$folder"
done
# systemctl must not ask the machine's own systemd.
export SYSTEMD_OFFLINE=1
[[ $2 == with ]] || rm -f /usr/bin/systemctl

# add_service NAME FILE…: as a package does that has such files.
cat >/usr/bin/add_service <<'PROGRAM'
#!/usr/bin/env bash
set -euo pipefail
export DPKG_MAINTSCRIPT_PACKAGE=test
name=$1
for file in "${@:2}"; do
  if [[ $file == unit ]]; then
    printf '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n' >"/usr/lib/systemd/system/$name.service"
    deb-systemd-helper enable "$name.service"
  else
    cat >"/etc/init.d/$name" <<INIT
#!/bin/sh
### BEGIN INIT INFO
# Provides: $name
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
### END INIT INFO
INIT
    chmod 755 "/etc/init.d/$name"
    update-rc.d "$name" defaults
  fi
done
PROGRAM
cat >/usr/bin/apt-get <<'PROGRAM'
#!/usr/bin/env bash
[[ $1 == install ]] || exit 0
/usr/sbin/policy-rc.d
[[ $? == 101 ]] || { echo "services would be started"; exit 1; }
add_service new-both unit script && add_service new-unit unit && add_service new-script script
PROGRAM
printf '#!/bin/sh\nexit 1\n' >/usr/bin/dpkg-query  # Nothing is installed.
chmod 755 /usr/bin/{add_service,apt-get,dpkg-query}
rm -f /usr/sbin/policy-rc.d

add_service old-both unit script
"$1"
will_start=$(ls /etc/systemd/system/multi-user.target.wants; ls /etc/rc[2-5].d | grep '^S')
! grep new- <<<"$will_start" || fail "$2 systemctl these start at boot"
for link in old-both.service S01old-both; do
  grep -qx "$link" <<<"$will_start" || fail "$2 systemctl $link is gone"
done
[[ ! -e /usr/sbin/policy-rc.d ]] || fail "policy-rc.d stayed"
END
done
