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
pod=kube-apiserver-cp1
containers=$(cri ps --label io.kubernetes.pod.namespace=kube-system \
  --label "io.kubernetes.pod.name=$pod" --label "io.kubernetes.container.name=$name" --state Running -q)
container=$(printf '%s\n' "$containers" | head -n 1)
moment=$(date +%s)
if [ -n "$container" ]; then
  cri stop --timeout 30 "$container" >/dev/null
fi
echo "stopped_at $moment"
