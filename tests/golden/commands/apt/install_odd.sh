set -eu
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
E=$(mktemp /tmp/drover-XXXXXXXX)
trap 'rm -f "$E"' EXIT
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
patiently dpkg --force-confdef --force-confold --configure -a
holds() {
  patiently apt-mark "$1" '$HOME'
}
hold_again() {
  ended=$?
  trap '' HUP INT TERM
  patience 60
  if ! holds hold; then
    echo 'E: the holds could not be put back' >&2
    if [ "$ended" -eq 0 ]; then ended=1; fi
  fi
  rm -f "$E"
  exit "$ended"
}
trap hold_again EXIT
holds unhold
patiently apt-get -q -y -o DPkg::Lock::Timeout="$(left)" -o Dpkg::Use-Pty=0 \
  -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
  --fix-broken --no-install-recommends --no-remove install 'kubeadm=1:1.34.4~'\''a'\''-1'
