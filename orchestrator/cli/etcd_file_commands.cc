#include <sys/stat.h>

#include <algorithm>
#include <chrono>

#include "inventory/base/text.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/complain.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/etcd/backup_folder.h"
#include "orchestrator/signals.h"
#include "orchestrator/ui/etcd_text.h"
#include "orchestrator/utc.h"
#include "plans/etcd/backup_names.h"

namespace drover::orchestrator {
namespace {

EtcdFileView look_at_file(const std::string& path, std::stop_token stop) {
  EtcdFileView view{.path = path};
  struct stat info {};
  if (stat(path.c_str(), &info) == 0) {
    view.bytes = static_cast<std::uint64_t>(info.st_size);
    view.time = utc_seconds(remote::WallTime(std::chrono::seconds(info.st_mtime)));
  }
  if (const auto name = plans::read_backup_name(path.substr(path.rfind('/') + 1))) {
    view.cluster = name->cluster;
    view.time = name->time;
  }
  view.verified = verify_snapshot(path, std::move(stop));
  return view;
}

}  // namespace

int etcd_verify_command(const Invocation& invocation, const Console& console) {
  std::stop_source stop;
  const SignalWatch watch([&] { stop.request_stop(); });
  const EtcdFileView view = look_at_file(invocation.arguments.front(), stop.get_token());
  if (console.json && !stop.stop_requested()) console.print(etcd_verify_json(view));
  if (!view.verified) return complain(console, view.verified.error());
  if (!console.json) console.print(etcd_verify_text(view));
  return kExitDone;
}

int etcd_list_command(const Invocation& invocation, const Console& console) {
  const std::string folder =
      invocation.arguments.empty() ? "backups" : invocation.arguments.front();
  std::stop_source stop;
  const SignalWatch watch([&] { stop.request_stop(); });
  const auto names = files_in(folder);
  if (!names) return complain(console, names.error());
  std::vector<EtcdFileView> files;
  for (const std::string& name : *names) {
    if (!name.ends_with(".db")) continue;
    files.push_back(
        look_at_file(folder + (folder.ends_with('/') ? "" : "/") + name, stop.get_token()));
    if (stop.stop_requested()) return kExitInterrupted;
  }
  std::stable_sort(files.begin(), files.end(),
                   [](const EtcdFileView& a, const EtcdFileView& b) { return a.time < b.time; });
  const ListStyle style{.format = invocation.output, .color = console.out_style.color};
  console.print(style.is_for_programs() ? document_as(etcd_list_json(folder, files), style.format)
                                        : etcd_list_text(folder, files, style));
  return kExitDone;
}

}  // namespace drover::orchestrator
