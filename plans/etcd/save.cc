#include "plans/etcd/save.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/etcd/save_text.h"
#include "plans/etcd/shell.h"
#include "plans/packages/script.h"

namespace drover::plans {
namespace {

// What a machine that lost its power left behind is two hours old at least, which no save takes.
constexpr std::string_view kPrepare = R"sh(umask 077
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
)sh";

constexpr std::string_view kFinish = R"sh(whole=1
printf 'path %s\nbytes %s\nsha256 %s\nstatus %s\n' "$partial" "$bytes" "${sum%% *}" "$status"
)sh";

constexpr std::string_view kMoveHere =
    R"sh(if [ "$saved" != "$partial" ]; then mv "$saved" "$partial"; fi
)sh";

std::string snapshot_parameters(const std::string& directory, const std::string& run) {
  return fmt::format("directory={}\nrun={}\n", quote(directory), quote(run));
}

std::string remedy_for(const CommandResult& result, const std::string& host) {
  if (result.err.find("bytes free") != std::string::npos ||
      result.err.find("No space left") != std::string::npos) {
    return fmt::format("make room on {}, or name another folder there with --via-dir", host);
  }
  return fmt::format(
      "`drover etcd status` shows how etcd is; `drover node exec {} -- crictl ps -a "
      "--name etcd` its container",
      host);
}

std::string last_reason(const CommandResult& result) {
  std::string last = "no reason given";
  for (const std::string& line : split_lines(result.err)) {
    if (line.starts_with("E: ")) return sanitise(line.substr(3));
    if (!line.empty() && line.front() != '{') last = sanitise(line);
  }
  return last;
}

}  // namespace

Command save_snapshot(const std::string& directory, const std::string& run) {
  std::string text = etcd_shell() + snapshot_parameters(directory, run);
  text += kRoomForSnapshot;
  text += kPrepare;
  text += kSnapshotStatus;
  text += kMoveHere;
  text += kCheckSnapshot;
  text += kFinish;
  return {.script = text, .mutates = true, .timeout = std::chrono::minutes(10)};
}

Command remove_snapshot(const std::string& directory, const std::string& run) {
  return {.script = script_head() + snapshot_parameters(directory, run) +
                    "rm -f \"$directory/.drover-backup-$run.db\"\n",
          .mutates = true,
          .timeout = std::chrono::minutes(1)};
}

Result<SavedSnapshot> read_saved_snapshot(const std::string& host, const CommandResult& result) {
  if (!result.ok()) {
    return Error{
        .kind = ErrorKind::Command,
        .message = fmt::format("{}: etcd could not be saved: {}", host, last_reason(result)),
        .remedy = remedy_for(result, host),
        .host = host,
        .detail = result.err};
  }
  std::map<std::string, std::string> said;
  for (const std::string& line : split_lines(result.out)) {
    const size_t space = std::min(line.find(' '), line.size());
    said[line.substr(0, space)] = trim(std::string_view(line).substr(space));
  }
  SavedSnapshot saved{.path = said["path"], .sha256 = said["sha256"]};
  const std::string& bytes = said["bytes"];
  std::from_chars(bytes.data(), bytes.data() + bytes.size(), saved.bytes);
  if (saved.path.empty() || saved.bytes == 0 || saved.sha256.empty()) {
    return Error{.kind = ErrorKind::Command,
                 .message = fmt::format("{}: saving etcd did not say where the snapshot is", host),
                 .host = host,
                 .detail = result.out};
  }
  if (auto status = parse_etcd_snapshot_status(said["status"])) saved.status = *status;
  return saved;
}

}  // namespace drover::plans
