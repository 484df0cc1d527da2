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
in_container=
if command -v etcdctl >/dev/null; then
  inside() { ETCDCTL_API=3 "$@"; }
elif command -v crictl >/dev/null; then
  in_container=1
  containers=$(cri ps --label io.kubernetes.pod.namespace=kube-system \
    --label io.kubernetes.container.name=etcd --state Running -q)
  container=$(printf '%s\n' "$containers" | head -n 1)
  if [ -z "$container" ]; then give_up 'no etcd container is running'; fi
  inside() { cri exec "$container" "$@"; }
else
  give_up 'neither etcdctl nor crictl is on this machine'
fi
ctl() {
  inside etcdctl --endpoints="$endpoint" --cacert="${ca:-$pki/ca.crt}" \
    --cert="${cert:-$pki/server.crt}" --key="${key:-$pki/server.key}" --dial-timeout=5s "$@"
}
ask() {
  name=$1
  shift
  echo "@$name" >&2
  answer=$(ctl --command-timeout=10s "$@" -w json) && code=0 || code=$?
  printf '%s %s %s\n' "$name" "$code" "$(printf %s "$answer" | tr '\n' ' ')"
}
ask list member list
ask members endpoint health --cluster
ask hashes endpoint hashkv --cluster
