set -eu
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
data=/var/lib/etcd
pki=/etc/kubernetes/pki/etcd
directory=/var/backups/drover
name=etcd-1.33.13
keep=5
cri() {
  crictl -r unix:///run/containerd/containerd.sock "$@"
}
umask 077
give_up() {
  echo "E: $*" >&2
  exit 1
}
room() {
  blocks=$(stat -f -c '%a %S' "$1")
  free=$((${blocks% *} * ${blocks#* }))
  need=$(($(stat -c %s "$data/member/snap/db") + 67108864))
  if [ "$free" -lt "$need" ]; then
    give_up "$1 has $free bytes free, a snapshot needs $need"
  fi
}
mkdir -p "$directory"
partial=$directory/.drover-snapshot.part
in_data=$data/drover-snapshot.db
clean() {
  rm -f "$partial" "$partial.part" "$in_data" "$in_data.part"
}
trap clean EXIT
clean
room "$directory"
endpoint=$(sed -n 's/^ *- --listen-client-urls=\([^,]*\).*/\1/p' /etc/kubernetes/manifests/etcd.yaml | head -n 1)
if command -v etcdctl >/dev/null; then
  saved=$partial
  inside() { ETCDCTL_API=3 "$@"; }
elif command -v crictl >/dev/null; then
  room "$data"
  saved=$in_data
  containers=$(cri ps --label io.kubernetes.pod.namespace=kube-system \
    --label io.kubernetes.container.name=etcd --state Running -q)
  container=$(printf '%s\n' "$containers" | head -n 1)
  if [ -z "$container" ]; then give_up 'no etcd container is running'; fi
  inside() { cri exec "$container" "$@"; }
else
  give_up 'neither etcdctl nor crictl is on this machine'
fi
inside etcdctl --endpoints="${endpoint:-https://127.0.0.1:2379}" \
  --cacert="$pki/ca.crt" --cert="$pki/server.crt" --key="$pki/server.key" \
  --dial-timeout=10s --command-timeout=300s snapshot save "$saved" >&2
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
file=$name-$(date -u +%Y%m%dT%H%M%SZ).db
mv "$partial" "$directory/$file"
sync "$directory"
printf 'path %s\nbytes %s\nsha256 %s\nstatus %s\n' "$directory/$file" "$bytes" "${sum%% *}" "$status"
kept=1
for old in $(ls "$directory" | sed -n 's/^\(etcd-[0-9.]*-\([0-9]\{8\}T[0-9]\{6\}Z\)\.db\)$/\2 \1/p' | sort -r | cut -d ' ' -f 2); do
  if [ "$old" = "$file" ]; then continue; fi
  kept=$((kept + 1))
  if [ "$kept" -gt "$keep" ]; then
    rm -f "$directory/$old"
    echo "pruned $old"
  fi
done
