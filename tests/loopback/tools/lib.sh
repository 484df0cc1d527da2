# What all stand-ins share. A node's state lies in $world: `packages/NAME` and `holds/NAME`, `offers/vMINOR` (what a
# repository holds), `lists/minor` (the index that was read last), `images`, and `kubelet` and `control-plane`
# (lines "VERSION EPOCH": what began to run and when).
world=/var/lib/world

# The capsule whose script this call belongs to, found among its ancestors; "-" without one.
capsule() (
  pid=$$
  while [ "$pid" -gt 1 ]; do
    read -r line <"/proc/$pid/cmdline" || :
    case $line in
    */var/lib/drover/steps/*/supervise)
      line=${line%/supervise}
      echo "${line##*/}"
      return
      ;;
    esac
    read -r line <"/proc/$pid/stat"
    line=${line##*) ?}
    set -- $line
    pid=$1
  done
  echo -
)

# Every start of a call that changes something, with its capsule and its arguments: tests count them.
starts() {
  printf '%s %s %s\n' "$(capsule)" "${0##*/}" "$*" >>"$world/starts"
}

# Hangs while a test wants it, at most until the node goes down.
stalls() {
  if [ -p "$world/stall-$1" ]; then read -r _ <"$world/stall-$1"; fi
}

revision_of() {
  cat "$world/packages/$1" 2>/dev/null
}

# "v1.34.4" of "1.34.4-1.1"
version_of() {
  revision=$(revision_of "$1") && echo "v${revision%%-*}"
}

fail() {
  printf '%s\n' "$1" >&2
  exit "${2:-1}"
}
