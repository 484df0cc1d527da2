set -eu
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
minor='s#([A-Za-z][A-Za-z0-9+.-]*:[^[:space:]]*/v1\.)[0-9]+(/|[[:space:]]|$)#\134\2#g'
mask='s#(://)[^/@[:space:]]*@#\1***@#g;s#\r$##'
shown() {
  sed -n -E "$2{$3$mask;p;}" "$1"
}
point() {
  if [ "$(shown "$1" "$2" '')" = "$3" ]; then return 0; fi
  if [ "$(shown "$1" "$2" "$minor;")" != "$3" ]; then
    echo "E: line $2 of $1 is not the one that the plan was made from" >&2
    exit 65
  fi
  sed -i --follow-symlinks -E "$2{$minor;}" "$1"
  sync "$1"
}
point /etc/apt/sources.list.d/kubernetes.sources 3 'URIs: https://mirror/v1.34/deb/'
point /etc/apt/sources.list.d/kubernetes.sources 9 ' https://other/v1.34/$(touch pwned)'\''/'
point /etc/apt/sources.list 12 'deb [signed-by=/k.gpg] https://***@mirror/v1.34/ ./ # `x`'
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
patiently apt-get -q -o Dir::Etc::sourcelist=/etc/apt/sources.list -o Dir::Etc::sourceparts=/dev/null \
  -o APT::Get::List-Cleanup=0 update
patiently apt-get -q -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/kubernetes.sources -o Dir::Etc::sourceparts=/dev/null \
  -o APT::Get::List-Cleanup=0 update
