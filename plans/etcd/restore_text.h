#pragma once

#include <string_view>

/// Pieces of the script that replaces etcd's data on a control plane. Each of the first three
/// defines `utl WORDS...`: the program that restores snapshots.
namespace drover::plans {

inline constexpr std::string_view kHostEtcdutl = R"sh(utl() { etcdutl "$@"; }
)sh";

inline constexpr std::string_view kHostEtcdctl = R"sh(utl() { ETCDCTL_API=3 etcdctl "$@"; }
)sh";

/// A container of etcd's image sees the data folder and the snapshot, and nothing else. One that a
/// killed run left behind is ended first. Images without etcdutl have an etcdctl that restores.
inline constexpr std::string_view kImageTool = R"sh(socket=${socket#unix://}
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
)sh";

/// Each renaming is whole or not at all, and tells by itself how far this came: the new data are
/// complete ("whole") before the old ones go, and those are gone from their place before the new
/// ones come.
inline constexpr std::string_view kRestoreData = R"sh(umask 077
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
)sh";

}  // namespace drover::plans
