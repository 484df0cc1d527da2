#include "orchestrator/edited_files.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "inventory/base/text.h"

namespace drover::orchestrator {
namespace {

constexpr std::array<std::string_view, 6> kUpgradeKeys = {"drain",  "workers", "health",
                                                          "window", "pause",   "failure"};
constexpr std::array<std::string_view, 11> kHostKeys = {"ssh",
                                                        "user",
                                                        "port",
                                                        "identity_file",
                                                        "known_hosts",
                                                        "host_keys",
                                                        "connect_timeout",
                                                        "certificate_file",
                                                        "agent",
                                                        "password",
                                                        "passphrase"};

template <class Keys>
bool among(const Keys& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::vector<std::string> path_of(const Edit& edit) {
  std::vector<std::string> parts;
  size_t from = 0;
  for (size_t dot = edit.path.find('.'); dot != std::string::npos;
       dot = edit.path.find('.', from)) {
    parts.push_back(edit.path.substr(from, dot - from));
    from = dot + 1;
  }
  parts.push_back(edit.path.substr(from));
  return parts;
}

// Which nodes are drained and upgraded was agreed to; how fast and how gently may change.
bool upgrade_may_change(const Edit& edit) {
  const auto path = path_of(edit);
  if (path[0] == "notify") return true;
  return among(kUpgradeKeys, path[0]) && edit.path != "workers.exclude";
}

// How a host is logged in to may change, which hosts there are and what they are for may not. A
// host's name may have dots: its key is what stands last.
bool inventory_may_change(const Edit& edit) {
  const auto path = path_of(edit);
  if (path[0] == "ssh" || path[0] == "sudo" || path[0] == "api") return true;
  if (path[0] == "groups") return true;  // as gently as `workers`
  if (path[0] != "hosts" || path.size() < 3) return false;
  const bool added_or_gone = edit.before.empty() || edit.after.empty();
  const bool within_ssh = path[path.size() - 2] == "ssh";
  const std::string& above = path[path.size() - 2];  // of password.env and its like
  const bool secret = path.size() > 3 && (above == "password" || above == "passphrase");
  return within_ssh || secret || among(kHostKeys, path.back()) ||
         (path.back() == "address" && !added_or_gone);
}

void sort_out(std::vector<Edit> edits, bool (*may_change)(const Edit&), EditedFiles& into) {
  for (Edit& edit : edits) {
    (may_change(edit) ? into.accepted : into.refused).push_back(std::move(edit));
  }
}

}  // namespace

EditedFiles compare_files(const std::string& then_inventory, const std::string& then_upgrade,
                          const Files& now) {
  EditedFiles edited;
  sort_out(edits_between(then_inventory, now.inventory_text), inventory_may_change, edited);
  if (!then_upgrade.empty()) {
    sort_out(edits_between(then_upgrade, now.upgrade_text), upgrade_may_change, edited);
  }
  return edited;
}

}  // namespace drover::orchestrator
