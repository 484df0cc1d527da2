set -eu
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
rm -rf /tmp/drover-unpack-* /var/lib/drover/unpack-*
mkdir -p /var/lib/drover
T=
trap 'rm -rf "$T"' EXIT
for template in /tmp/drover-unpack-XXXXXXXX /var/lib/drover/unpack-XXXXXXXX; do
  T=$(mktemp -d "$template")
  printf '#!/bin/sh\n' >"$T/run"
  chmod 700 "$T/run"
  if "$T/run" 2>/dev/null; then break; fi
  rm -rf "$T"
done
if [ ! -d "$T" ]; then
  echo 'E: neither /tmp nor /var/lib/drover allows programs to run' >&2
  exit 1
fi
eval "$(apt-config shell archives Dir::Cache::archives/d)"
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
package='kubeadm=1.34.4-1.1'
deb="$archives"kubeadm_1.34.4-1.1_"$(dpkg --print-architecture)".deb
if [ ! -f "$deb" ]; then
  target_update
  mkdir "$T/deb"
  chown _apt "$T/deb" 2>/dev/null || :
  (cd "$T/deb" && target apt-get -q download "$package") >&2
  for deb in "$T"/deb/*.deb; do :; done
fi
dpkg-deb -x "$deb" "$T"
rm -rf "$T/deb"
images() {
  "$T/usr/bin/kubeadm" config images "$@" --kubernetes-version v1.34.4 --image-repository registry.k8s.io
}
cri() {
  crictl -r unix:///run/containerd/containerd.sock "$@"
}
wanted() { :; }
set -f
list=$(images list)
if command -v crictl >/dev/null; then
  for image in $list; do
    if ! wanted "${image##*/}"; then continue; fi
    if cri inspecti -q "$image" >/dev/null 2>&1; then
      echo "present $image"
    else
      cri pull "$image" >&2
      echo "pulled $image"
    fi
  done
  exit 0
fi
images pull --cri-socket unix:///run/containerd/containerd.sock
