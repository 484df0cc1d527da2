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
kept=/var/lib/etcd.before-20261128T065000Z-3f2a
run=20261128T065000Z-3f2a
snapshot=/var/lib/drover-restore-aaaaaaaaaaaaaaaa.db
sum=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
bytes=852000
name=cp1
peer=https://cp1.local:2380
cluster='cp1=https://cp1.local:2380,w1=https://w1.local:2380'
token=drover-20261128T065000Z-3f2a
bump=1000000000
image=registry.k8s.io/etcd:3.5.24-0
socket=${socket#unix://}
containerd() { ctr -a "${socket:-/run/containerd/containerd.sock}" -n k8s.io "$@"; }
clear() {
  containerd tasks delete --force "drover-$run" >/dev/null 2>&1 || :
  containerd containers delete "drover-$run" >/dev/null 2>&1 || :
}
contained() {
  clear
  containerd run --rm --mount "type=bind,src=$data,dst=$data,options=rbind:rw" \
    --mount "type=bind,src=$snapshot,dst=$snapshot,options=rbind:ro" "$image" "drover-$run" "$@"
}
trap clear EXIT
program=etcdutl
if ! contained etcdutl version >/dev/null; then program=etcdctl; fi
utl() { contained "$program" "$@"; }
umask 077
fresh=$data/drover-restoring-$run
if [ -e "$kept/restored" ]; then
  rm -rf "$fresh"
  echo restored
  exit 0
fi
mkdir -p "$data"
if [ ! -e "$fresh/whole" ]; then
  rm -rf "$fresh"
  is=$(sha256sum <"$snapshot")
  if [ "${is%% *}" != "$sum" ]; then give_up "$snapshot is not the snapshot that was sent"; fi
  blocks=$(stat -f -c '%a %S' "$data")
  free=$((${blocks% *} * ${blocks#* }))
  need=$((bytes + 268435456))
  if [ "$free" -lt "$need" ]; then give_up "$data has $free bytes free, the new data need $need"; fi
  utl snapshot restore "$snapshot" --data-dir="$fresh" --name="$name" \
    --initial-cluster="$cluster" --initial-cluster-token="$token" \
    --initial-advertise-peer-urls="$peer" --bump-revision="$bump" --mark-compacted >&2
  if [ ! -e "$fresh/member/snap/db" ]; then give_up 'no data came of the snapshot'; fi
  chown -R --reference="$data" "$fresh"
  chmod 700 "$fresh/member"
  sync
  : >"$fresh/whole"
  sync "$fresh/whole" "$fresh"
fi
mkdir -p "$kept"
if [ -e "$fresh/member" ]; then
  if [ -e "$data/member" ]; then
    if [ -e "$kept/member" ]; then give_up "there are data in $data and in $kept already"; fi
    mv "$data/member" "$kept/member"
    sync "$kept" "$data"
  fi
  mv "$fresh/member" "$data/member"
fi
chmod 700 "$data"
if command -v restorecon >/dev/null; then restorecon -R "$data"; fi
sync "$data"
: >"$kept/restored"
sync "$kept/restored" "$kept"
rm -rf "$fresh"
echo restored
