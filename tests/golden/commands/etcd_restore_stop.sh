set -eu
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
manifests=/etc/kubernetes/manifests
stopped=/etc/kubernetes/drover-stopped-20261128T065000Z-3f2a
umask 077
mkdir -p "$stopped"
for name in kube-scheduler kube-controller-manager kube-apiserver etcd; do
  if [ ! -e "$manifests/$name.yaml" ]; then continue; fi
  if [ -e "$stopped/$name.yaml" ]; then
    echo "E: $name.yaml is in $manifests and in $stopped" >&2
    exit 1
  fi
  mv "$manifests/$name.yaml" "$stopped/$name.yaml"
done
sync "$stopped" "$manifests"
