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
names='etcd kube-apiserver kube-controller-manager kube-scheduler'
authority=/etc/kubernetes/pki/ca.crt
if [ -r "$authority" ]; then
  sum=$(sha256sum <"$authority")
  printf 'ca %s\n' "${sum%% *}"
fi
for left in /etc/kubernetes/drover-stopped-*; do
  if [ -e "$left" ]; then printf 'left %s\n' "$left"; fi
done
for name in $names; do
  if [ -e "$manifests/$name.yaml" ]; then
    printf 'manifest %s\n' "$name"
    sed "s/^/$name|/" "$manifests/$name.yaml"
    printf '\n'
  fi
done
