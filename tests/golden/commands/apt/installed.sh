set -eu
code=0
dpkg-query -W -f 'package ${Package} ${db:Status-Want} ${db:Status-Eflag} ${db:Status-Status} ${Version}\n' kubelet kubectl 2>/dev/null || code=$?
if [ "$code" -gt 1 ]; then
  echo 'E: dpkg-query cannot read the package database' >&2
  exit "$code"
fi
echo end
