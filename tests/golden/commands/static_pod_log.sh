set -eu
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
kubelet=/var/lib/kubelet
socket=$(sed -n 's/.*--container-runtime-endpoint=\([^" ]*\).*/\1/p' "$kubelet/kubeadm-flags.env" 2>/dev/null | head -n 1)
if [ -z "$socket" ]; then
  socket=$(cat "$kubelet/instance-config.yaml" "$kubelet/config.yaml" 2>/dev/null |
    sed -n 's/^containerRuntimeEndpoint: *"\{0,1\}\([^" ]\{1,\}\)"\{0,1\} *$/\1/p' | head -n 1)
fi
cri() {
  if [ -n "$socket" ]; then crictl -r "$socket" "$@"; else crictl "$@"; fi
}
name=kube-apiserver
which=1
missing='kube-system has no container of that name here'
if ! command -v crictl >/dev/null; then
  echo 'E: crictl is not on this machine' >&2
  exit 1
fi
containers=$(cri ps -a --label io.kubernetes.pod.namespace=kube-system --label "io.kubernetes.container.name=$name" -q)
container=$(printf '%s\n' "$containers" | sed -n "${which}p")
if [ -z "$container" ]; then
  echo "E: $missing" >&2
  exit 1
fi
cri logs --timestamps --tail=100000 "$container" 2>&1
