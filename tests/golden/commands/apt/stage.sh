set -eu
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
if [ -n "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ]; then
  echo 'later: dpkg was interrupted'
  exit 0
fi
eval "$(apt-config shell archives Dir::Cache::archives/d)"
T=$(mktemp -d /tmp/drover-XXXXXXXX)
trap 'rm -rf "$T"' EXIT
E=$T/errors
minor='s#([A-Za-z][A-Za-z0-9+.-]*:[^[:space:]]*/v1\.)[0-9]+(/|[[:space:]]|$)#\134\2#g'
mask='s#(://)[^/@[:space:]]*@#\1***@#g;s#\r$##'
as_planned() {
  if [ "$(sed -n -E "$2{$minor;$mask;p;}" "$1")" != "$3" ]; then
    echo "E: line $2 of $1 is not the one that the plan was made from" >&2
    exit 65
  fi
}
as_planned /etc/apt/sources.list.d/kubernetes.list 1 'deb [trusted=yes] file:/srv/apt/v1.34/ ./'
umask 077
parts=/dev/null
: >"$T/s.list"
sed -n -E "1{$minor;p;};" /etc/apt/sources.list.d/kubernetes.list >>"$T/s.list"
{
  cat /etc/apt/apt.conf 2>/dev/null || :
  printf '\n#clear APT::Update::%s;\n' Pre-Invoke Post-Invoke Post-Invoke-Success
} >"$T/main.conf"
printf 'Dir::Etc::main "%s";\n' "$T/main.conf" >"$T/apt.conf"
umask 022
mkdir -p "$T/lists/partial" "$T/archives/partial"
chmod 711 "$T"
target() {
  program=$1
  shift
  APT_CONFIG="$T/apt.conf" "$program" -o Dir::Etc::sourcelist="$T/s.list" \
    -o Dir::Etc::sourceparts="$parts" -o Dir::State::lists="$T/lists" -o Dir::Cache="$T" "$@"
}
target_update() {
  failed=0
  target apt-get -q -o APT::Update::Error-Mode=any update >"$T/log" 2>&1 || failed=$?
  if grep -q '^W: Some index files failed' "$T/log"; then failed=100; fi
  if [ "$failed" -ne 0 ]; then
    grep -E '^[EW]: ' "$T/log" >&2 || cat "$T/log" >&2
    exit "$failed"
  fi
}
now() {
  read -r up rest </proc/uptime
  echo "${up%%.*}"
}
patience() {
  patience_ends=$(($(now) + $1))
}
patience 300
left() {
  seconds=$((patience_ends - $(now)))
  if [ "$seconds" -lt 1 ]; then seconds=1; fi
  echo "$seconds"
}
locked='Could not get lock|Unable to (lock|acquire)|lock was locked by|is locked by another process'
patiently() {
  while :; do
    code=0
    "$@" 2>"$E" || code=$?
    if [ "$code" -ne 0 ] && grep -Eq "$locked" "$E" && [ "$(left)" -gt 1 ]; then
      sleep 1
      continue
    fi
    cat "$E" >&2
    return "$code"
  done
}
target_update
patiently target apt-get -q -y -o Dir::Cache::archives="$archives" \
  -o DPkg::Lock::Timeout="$(left)" --download-only --allow-change-held-packages \
  --no-install-recommends --no-remove install 'kubeadm=1.34.4-1.1' 'kubelet=1.34.4-1.1'
