set -eu
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
give_up() {
  echo "E: $*" >&2
  exit 1
}
kubelet=/var/lib/kubelet
socket=$(sed -n 's/.*--container-runtime-endpoint=\([^" ]*\).*/\1/p' "$kubelet/kubeadm-flags.env" 2>/dev/null | head -n 1)
if [ -z "$socket" ]; then
  socket=$(cat "$kubelet/instance-config.yaml" "$kubelet/config.yaml" 2>/dev/null |
    sed -n 's/^containerRuntimeEndpoint: *"\{0,1\}\([^" ]\{1,\}\)"\{0,1\} *$/\1/p' | head -n 1)
fi
cri() {
  if [ -n "$socket" ]; then crictl -r "$socket" "$@"; else crictl "$@"; fi
}
data=/var/lib/etcd
image=registry.k8s.io/etcd:3.5.24-0
say() { printf '%s %s\n' "$1" "$2"; }
free_at() {
  blocks=$(stat -f -c '%a %S' "$1")
  echo "$((${blocks% *} * ${blocks#* }))"
}
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
for image in registry.k8s.io/etcd:3.5.24-0 registry.k8s.io/kube-apiserver:v1.33.13 registry.k8s.io/kube-controller-manager:v1.33.13 registry.k8s.io/kube-scheduler:v1.33.13; do
  if ! cri inspecti -q "$image" >/dev/null 2>&1; then say no_image "$image"; fi
done
