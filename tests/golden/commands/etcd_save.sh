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
directory=/var/backups/drover
run=20261128T065000Z-3f2a
room() {
  blocks=$(stat -f -c '%a %S' "$1")
  free=$((${blocks% *} * ${blocks#* }))
  need=$(($(stat -c %s "$data/member/snap/db") + 67108864))
  if [ "$free" -lt "$need" ]; then
    give_up "$1 has $free bytes free, a snapshot needs $need"
  fi
}
umask 077
mkdir -p "$directory"
find "$directory" -maxdepth 1 -name '.drover-backup-*' -mmin +120 -exec rm -f {} +
find "$data" -maxdepth 1 -name 'drover-backup-*' -mmin +120 -exec rm -f {} +
partial=$directory/.drover-backup-$run.db
in_data=$data/drover-backup-$run.db
whole=
clean() {
  rm -f "$partial.part" "$in_data" "$in_data.part"
  if [ -z "$whole" ]; then rm -f "$partial"; fi
}
trap clean EXIT
room "$directory"
saved=$partial
if [ -n "$in_container" ]; then
  room "$data"
  saved=$in_data
fi
ctl --command-timeout=300s snapshot save "$saved" >&2
if inside etcdutl version >/dev/null 2>&1; then
  status=$(inside etcdutl snapshot status "$saved" -w json)
else
  status=$(inside etcdctl snapshot status "$saved" -w json 2>/dev/null || :)
fi
if [ "$saved" != "$partial" ]; then mv "$saved" "$partial"; fi
chmod 600 "$partial"
sync "$partial"
bytes=$(stat -c %s "$partial")
if [ $((bytes % 512)) -ne 32 ]; then give_up "the snapshot has no checksum at its end ($bytes bytes)"; fi
wanted=$(tail -c 32 "$partial" | od -An -v -t x1 | tr -d ' \n')
actual=$(head -c "$((bytes - 32))" "$partial" | sha256sum)
if [ "$wanted" != "${actual%% *}" ]; then give_up 'the snapshot does not match the checksum at its end'; fi
sum=$(sha256sum <"$partial")
whole=1
printf 'path %s\nbytes %s\nsha256 %s\nstatus %s\n' "$partial" "$bytes" "${sum%% *}" "$status"
