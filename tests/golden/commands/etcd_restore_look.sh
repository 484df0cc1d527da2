for left in /etc/kubernetes/drover-stopped-*; do
  if [ -e "$left" ]; then printf 'left %s\n' "$left"; fi
done
set -eu
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
give_up() {
  echo "E: $*" >&2
  exit 1
}
manifest=/etc/kubernetes/manifests/etcd.yaml
if [ ! -r "$manifest" ]; then give_up "no etcd runs here as a static pod: there is no $manifest"; fi
flag() {
  sed -n "s/^ *- [\"']\{0,1\}--$1=\([^\"']*\).*/\1/p" "$manifest" | head -n 1
}
data=$(flag data-dir)
if [ -z "$data" ]; then data=/var/lib/etcd; fi
endpoint=$(flag listen-client-urls)
endpoint=${endpoint%%,*}
case $endpoint in
  '') endpoint=https://127.0.0.1:2379 ;;
  *://0.0.0.0:* | *://\[::\]:*) endpoint=${endpoint%%:*}://127.0.0.1:${endpoint##*:} ;;
esac
pki=/etc/kubernetes/pki/etcd
ca=$(flag trusted-ca-file)
cert=$(flag cert-file)
key=$(flag key-file)
kubelet=/var/lib/kubelet
socket=$(sed -n 's/.*--container-runtime-endpoint=\([^" ]*\).*/\1/p' "$kubelet/kubeadm-flags.env" 2>/dev/null | head -n 1)
if [ -z "$socket" ]; then
  socket=$(cat "$kubelet/instance-config.yaml" "$kubelet/config.yaml" 2>/dev/null |
    sed -n 's/^containerRuntimeEndpoint: *"\{0,1\}\([^" ]\{1,\}\)"\{0,1\} *$/\1/p' | head -n 1)
fi
cri() {
  if [ -n "$socket" ]; then crictl -r "$socket" "$@"; else crictl "$@"; fi
}
say() { printf '%s %s\n' "$1" "$2"; }
folder=/etc/kubernetes/manifests
image_in() { sed -n "s/^ *image: *[\"']\{0,1\}\([^\"' ]*\).*/\1/p" "$folder/$1.yaml" 2>/dev/null | head -n 1; }
free_at() {
  blocks=$(stat -f -c '%a %S' "$1")
  echo "$((${blocks% *} * ${blocks#* }))"
}
say name "$(flag name)"
say peer "$(flag initial-advertise-peer-urls)"
say data "$data"
say wal "$(flag wal-dir)"
image=$(image_in etcd)
say image "$image"
say kubernetes "$(image_in kube-apiserver)"
for name in etcd kube-apiserver kube-controller-manager kube-scheduler; do
  if [ -e "$folder/$name.yaml" ]; then say manifest "$name"; fi
done
there=$data
while [ ! -d "$there" ]; do there=$(dirname "$there"); done
say free "$(free_at "$there")"
say room "$(free_at /var/lib)"
if [ -d "$data" ] && [ "$(stat -c %d "$data")" != "$(stat -c %d "$data/..")" ]; then say mounted yes; fi
for program in etcdutl etcdctl; do
  if command -v "$program" >/dev/null; then
    say "$program" "$("$program" version 2>/dev/null | sed -n 's/^etcd[a-z]* version: *//p')"
  fi
done
if command -v crictl >/dev/null; then say crictl yes; fi
if command -v ctr >/dev/null; then
  socket=${socket#unix://}
  say known "$(ctr -a "${socket:-/run/containerd/containerd.sock}" -n k8s.io images ls -q "name==$image" || :)"
fi
