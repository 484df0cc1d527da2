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
manifests=/etc/kubernetes/manifests
stopped=/etc/kubernetes/drover-stopped-20261128T065000Z-3f2a
names='kube-scheduler kube-controller-manager kube-apiserver etcd'
for name in $names; do
  place=
  if [ -e "$manifests/$name.yaml" ]; then place=place; fi
  if [ -e "$stopped/$name.yaml" ]; then place=${place}stopped; fi
  runs=$(cri ps --label io.kubernetes.pod.namespace=kube-system \
    --label "io.kubernetes.container.name=$name" --state Running -q)
  printf '%s %s %s\n' "$name" "${place:-nowhere}" "${runs:+running}"
done
