#pragma once

#include <string_view>

/// Pieces of the scripts that save a snapshot on a control plane. All of them expect `data`,
/// `give_up` and `inside` (plans/etcd/shell.h).
namespace drover::plans {

/// Defines `room FOLDER`, which gives up where the database would not fit with 64 MiB to spare.
inline constexpr std::string_view kRoomForSnapshot = R"sh(room() {
  blocks=$(stat -f -c '%a %S' "$1")
  free=$((${blocks% *} * ${blocks#* }))
  need=$(($(stat -c %s "$data/member/snap/db") + 67108864))
  if [ "$free" -lt "$need" ]; then
    give_up "$1 has $free bytes free, a snapshot needs $need"
  fi
}
)sh";

/// Sets `status` to what etcd's own tools say of the file `saved`, "" where they cannot.
inline constexpr std::string_view kSnapshotStatus =
    R"sh(if inside etcdutl version >/dev/null 2>&1; then
  status=$(inside etcdutl snapshot status "$saved" -w json)
else
  status=$(inside etcdctl snapshot status "$saved" -w json 2>/dev/null || :)
fi
)sh";

/// The checksum at the end of a snapshot is that of all that stands before it. It is taken of the
/// file `partial` at its last place, after a copy that may have crossed file systems. Sets `bytes`
/// and `sum`.
inline constexpr std::string_view kCheckSnapshot = R"sh(chmod 600 "$partial"
sync "$partial"
bytes=$(stat -c %s "$partial")
if [ $((bytes % 512)) -ne 32 ]; then give_up "the snapshot has no checksum at its end ($bytes bytes)"; fi
wanted=$(tail -c 32 "$partial" | od -An -v -t x1 | tr -d ' \n')
actual=$(head -c "$((bytes - 32))" "$partial" | sha256sum)
if [ "$wanted" != "${actual%% *}" ]; then give_up 'the snapshot does not match the checksum at its end'; fi
sum=$(sha256sum <"$partial")
)sh";

}  // namespace drover::plans
