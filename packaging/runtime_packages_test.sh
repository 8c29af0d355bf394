#!/usr/bin/env bash
# Every library that a program is linked with comes from a package of runtime-packages.txt, or from libc's.
set -euo pipefail

programs=(cli/drover services/container/drover-container services/coordinator/drover-coordinator
  services/proxy/drover-proxy services/volume/drover-volume)
known=$(/sbin/ldconfig -p)
failed=0
checked=0
for library in $(readelf -d "${programs[@]}" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u); do
  path=$(awk -v name="$library" '$1 == name { print $NF; exit }' <<<"$known")
  # Merged-/usr: dpkg may know either path.
  package=$(dpkg-query -S "$path" 2>/dev/null || dpkg-query -S "/usr$path" 2>/dev/null ||
    dpkg-query -S "$(readlink -f "$path")" 2>/dev/null || dpkg-query -S "$(readlink -f "$path" | sed 's|^/usr||')")
  package=${package%%:*}
  checked=$((checked + 1))
  [[ $package == libc6 || $package == libgcc-s1 ]] && continue
  grep -qx "$package" packaging/runtime-packages.txt && continue
  echo "$library is in the package $package, which packaging/runtime-packages.txt lacks"
  failed=1
done
((checked > 0)) || { echo "no program names a library: readelf's output was not understood"; exit 1; }
exit $failed
