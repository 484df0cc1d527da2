#include "plans/etcd/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "inventory/base/text.h"
#include "inventory/cluster/etcd.h"
#include "plans/etcd/asking.h"

namespace drover::plans {
namespace {

constexpr std::string_view kAskAll = R"sh(ask list member list
ask members endpoint health --cluster
ask hashes endpoint hashkv --cluster
)sh";

std::string wrong_members(const EtcdMemberList& list, const std::vector<std::string>& names) {
  std::set<std::string> found;
  for (const EtcdMember& member : list.members) found.insert(member.name);
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    if (found.erase(name) == 0) missing.push_back(name);
  }
  if (!missing.empty()) return join(missing, ", ") + " to start as a member";
  if (found.empty()) return "";
  return fmt::format("{} to be no member", sanitise(join({found.begin(), found.end()}, ", ")));
}

std::string wrong_hashes(const std::vector<EtcdHash>& hashes, size_t members,
                         std::uint64_t revision) {
  if (hashes.size() != members) {
    return fmt::format("{} of {} members to tell their hash", members - hashes.size(), members);
  }
  for (const EtcdHash& one : hashes) {
    if (one.revision < revision) {
      return sanitise(fmt::format("{} to be at revision {} or later (it is at {})", one.endpoint,
                                  revision, one.revision));
    }
    if (one.hash != hashes.front().hash) {
      return sanitise(fmt::format("{} and {} to have the same data (their hashes differ)",
                                  hashes.front().endpoint, one.endpoint));
    }
  }
  return "";
}

}  // namespace

Command ask_for_agreement() {
  return {.script = asking_shell() + std::string(kAskAll), .timeout = std::chrono::seconds(60)};
}

std::string missing_agreement(const CommandResult& result, const std::vector<std::string>& names,
                              std::uint64_t revision) {
  if (!result.ok()) return "etcd to answer: " + sanitise(reason_of(result));
  std::map<std::string, std::string> said;
  for (auto& [name, answer] : answers_in(result)) said[name] = answer;
  const auto list = parse_etcd_members(said["list"]);
  const auto health = parse_etcd_healths(said["members"]);
  const auto hashes = parse_etcd_hashes(said["hashes"]);
  const auto no_answer = [&](const char* name) {
    const std::string why = complaint(result, name);
    return "etcd to answer" + (why.empty() ? "" : ": " + sanitise(why));
  };
  if (!list) return no_answer("list");
  if (std::string wrong = wrong_members(*list, names); !wrong.empty()) return wrong;
  if (!health) return no_answer("members");
  for (const EtcdEndpointHealth& one : *health) {
    if (one.health.healthy) continue;
    return sanitise(fmt::format("{} to be healthy: {}", one.endpoint, one.health.error));
  }
  if (!hashes) return no_answer("hashes");
  return wrong_hashes(*hashes, names.size(), revision);
}

}  // namespace drover::plans
