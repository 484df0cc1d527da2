set -eu
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
T=$(mktemp -d /tmp/drover-XXXXXXXX)
trap 'rm -rf "$T"' EXIT
minor='s#([A-Za-z][A-Za-z0-9+.-]*:[^[:space:]]*/v1\.)[0-9]+(/|[[:space:]]|$)#\134\2#g'
mask='s#(://)[^/@[:space:]]*@#\1***@#g;s#\r$##'
as_planned() {
  if [ "$(sed -n -E "$2{$minor;$mask;p;}" "$1")" != "$3" ]; then
    echo "E: line $2 of $1 is not the one that the plan was made from" >&2
    exit 65
  fi
}
as_planned /etc/apt/sources.list.d/kubernetes.sources 3 'URIs: https://mirror/v1.34/deb/'
as_planned /etc/apt/sources.list.d/kubernetes.sources 9 ' https://other/v1.34/$(touch pwned)'\''/'
as_planned /etc/apt/sources.list 12 'deb [signed-by=/k.gpg] https://***@mirror/v1.34/ ./ # `x`'
umask 077
parts=/dev/null
: >"$T/s.list"
sed -n -E "12{$minor;p;};" /etc/apt/sources.list >>"$T/s.list"
paragraphs() {
  awk -v numbers=" $1 " '
    /^[ \t\r]*$/ { if (wanted) print text; text = ""; wanted = 0; next }
    { text = text $0 "\n"; if (index(numbers, " " NR " ")) wanted = 1 }
    END { if (wanted) print text }'
}
parts=$T/parts
mkdir "$parts"
sed -E "3{$minor;};9{$minor;};" /etc/apt/sources.list.d/kubernetes.sources | paragraphs '3 9' >"$parts/1.sources"
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
target_update
target apt-cache madison kubeadm kubelet kubectl cri-tools kubernetes-cni
echo end
