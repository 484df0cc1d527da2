#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/etcd_text.h"
#include "orchestrator/ui/json_line.h"
#include "orchestrator/ui/table.h"
#include "orchestrator/ui/words.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

std::string mebibytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// "prod/x.db: cannot be read" without the path.
std::string reason_of(const EtcdFileView& file) {
  const std::string front = sanitise(file.path) + ": ";
  const std::string& message = file.verified.error().message;
  return sanitise(message.starts_with(front) ? message.substr(front.size()) : message);
}

ordered_json file_json(const EtcdFileView& file) {
  ordered_json json = {
      {"path", sanitise(file.path, 4096)},
      {"cluster", file.cluster.empty() ? ordered_json(nullptr) : ordered_json(file.cluster)},
      {"time", file.time.empty() ? ordered_json(nullptr) : ordered_json(file.time)},
      {"bytes", file.bytes},
      {"verified", file.verified.has_value()}};
  if (file.verified) {
    json["sha256"] = file.verified->sha256;
    json["revision"] = file.verified->revision;
  } else {
    json["error"] = reason_of(file);
  }
  return json;
}

}  // namespace

std::string etcd_backup_text(const EtcdBackupView& view) {
  std::string out =
      fmt::format("{}: etcd of cluster {} as saved on {}, {}, revision {}", view.path, view.cluster,
                  view.host, mebibytes(view.snapshot.bytes), view.snapshot.revision);
  if (view.hash) out += fmt::format(", hash {:x}", *view.hash);
  out += fmt::format(", checksum verified here\n  sha256 {}\n", view.snapshot.sha256);
  for (const std::string& path : view.pruned) out += fmt::format("pruned {}\n", sanitise(path));
  return out;
}

std::string etcd_backup_json(const EtcdBackupView& view) {
  ordered_json json = {{"v", 1},
                       {"kind", "EtcdBackup"},
                       {"cluster", view.cluster},
                       {"host", view.host},
                       {"path", sanitise(view.path, 4096)},
                       {"bytes", view.snapshot.bytes},
                       {"sha256", view.snapshot.sha256},
                       {"revision", view.snapshot.revision},
                       {"hash", view.hash ? ordered_json(*view.hash) : ordered_json(nullptr)},
                       {"keys", view.keys ? ordered_json(*view.keys) : ordered_json(nullptr)},
                       {"pruned", ordered_json::array()}};
  for (const std::string& path : view.pruned) json["pruned"].push_back(sanitise(path, 4096));
  return json_line(json);
}

std::string etcd_verify_text(const EtcdFileView& view) {
  return fmt::format(
      "{}: a whole snapshot of etcd, {}, revision {}; it matches the checksum at its end\n  sha256 "
      "{}\n",
      sanitise(view.path), mebibytes(view.bytes), view.verified->revision, view.verified->sha256);
}

std::string etcd_verify_json(const EtcdFileView& view) {
  ordered_json json = {{"v", 1}, {"kind", "EtcdVerify"}};
  json.update(file_json(view));
  return json_line(json);
}

std::string etcd_list_text(const std::string& folder, const std::vector<EtcdFileView>& files,
                           const ListStyle& style) {
  if (files.empty()) return fmt::format("There are no snapshots in {}.\n", sanitise(folder));
  const bool wide = style.format == OutputFormat::Wide;
  std::vector<std::vector<Cell>> rows = {{{"NAME"},
                                          {"TIME"},
                                          {"SIZE", Colour::Plain, true},
                                          {"REVISION", Colour::Plain, true},
                                          {"VERIFIED"}}};
  if (wide) rows[0].push_back({"SHA-256"});
  for (const EtcdFileView& file : files) {
    const bool good = file.verified.has_value();
    rows.push_back({{sanitise(name_of(file.path), 200)},
                    {clock_text(file.time)},
                    {mebibytes(file.bytes), Colour::Plain, true},
                    {good ? std::to_string(file.verified->revision) : "-", Colour::Plain, true},
                    {good ? "yes" : "NO: " + reason_of(file), good ? Colour::Green : Colour::Red}});
    if (wide) rows.back().push_back({good ? file.verified->sha256 : "-"});
  }
  return table(rows, style.color);
}

std::string etcd_list_json(const std::string& folder, const std::vector<EtcdFileView>& files) {
  ordered_json json = {{"v", 1},
                       {"kind", "EtcdList"},
                       {"folder", sanitise(folder, 4096)},
                       {"snapshots", ordered_json::array()}};
  for (const EtcdFileView& file : files) json["snapshots"].push_back(file_json(file));
  return json_line(json);
}

}  // namespace drover::orchestrator
