#include "inventory/cluster/etcd.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"

namespace drover {
namespace {

using nlohmann::json;

Error not_readable(std::string_view what, std::string_view said) {
  return {.kind = ErrorKind::Api,
          .message = fmt::format("etcd's {} cannot be understood: {}", what,
                                 said.empty() ? "it is empty" : sanitise(said, 120)),
          .detail = std::string(said)};
}

/// An absent field, and one of another type, count as null.
const json& at(const json& object, const char* key) {
  static const json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

/// Whole numbers without a sign only: what went through a double is no id any more.
std::uint64_t number(const json& value) {
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

std::string text(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

bool flag(const json& value) { return value.is_boolean() && value.get<bool>(); }

std::vector<std::string> texts(const json& value) {
  std::vector<std::string> list;
  if (!value.is_array()) return list;
  for (const json& one : value) list.push_back(text(one));
  return list;
}

/// etcdctl before 3.6 writes the type as a number, later versions too; others may name it.
std::string alarm_name(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  switch (number(value)) {
    case 1:
      return "NOSPACE";
    case 2:
      return "CORRUPT";
    default:
      return fmt::format("alarm {}", number(value));
  }
}

/// The only entry of an array of one, which endpoint commands print.
Result<json> only_entry(std::string_view said, std::string_view what) {
  const json parsed = json::parse(said, nullptr, false);
  if (!parsed.is_array() || parsed.size() != 1 || !parsed[0].is_object())
    return not_readable(what, said);
  return parsed[0];
}

}  // namespace

std::string etcd_id(std::uint64_t id) { return fmt::format("{:x}", id); }

Result<EtcdMemberList> parse_etcd_members(std::string_view said) {
  const json parsed = json::parse(said, nullptr, false);
  const json& members = at(parsed, "members");
  if (!members.is_array() || members.empty()) return not_readable("list of members", said);
  EtcdMemberList list{.cluster = number(at(at(parsed, "header"), "cluster_id"))};
  for (const json& one : members) {
    EtcdMember member{.id = number(at(one, "ID")),
                      .name = text(at(one, "name")),
                      .peer_urls = texts(at(one, "peerURLs")),
                      .client_urls = texts(at(one, "clientURLs")),
                      .learner = flag(at(one, "isLearner"))};
    if (member.id == 0) return not_readable("list of members", said);
    list.members.push_back(std::move(member));
  }
  return list;
}

Result<EtcdStatus> parse_etcd_status(std::string_view said) {
  DROVER_TRY_ASSIGN(const json entry, only_entry(said, "status"));
  const json& status = at(entry, "Status");
  const json& header = at(status, "header");
  EtcdStatus found{.cluster = number(at(header, "cluster_id")),
                   .member = number(at(header, "member_id")),
                   .leader = number(at(status, "leader")),
                   .revision = number(at(header, "revision")),
                   .term = number(at(status, "raftTerm")),
                   .index = number(at(status, "raftIndex")),
                   .applied = number(at(status, "raftAppliedIndex")),
                   .version = text(at(status, "version")),
                   .size = number(at(status, "dbSize")),
                   .used = number(at(status, "dbSizeInUse")),
                   .quota = number(at(status, "dbSizeQuota")),
                   .learner = flag(at(status, "isLearner")),
                   .errors = texts(at(status, "errors"))};
  if (found.member == 0) return not_readable("status", said);
  return found;
}

Result<EtcdHealth> parse_etcd_health(std::string_view said) {
  DROVER_TRY_ASSIGN(const json entry, only_entry(said, "health"));
  if (!at(entry, "health").is_boolean()) return not_readable("health", said);
  return EtcdHealth{.healthy = flag(at(entry, "health")),
                    .took = text(at(entry, "took")),
                    .error = text(at(entry, "error"))};
}

Result<std::vector<EtcdEndpointHealth>> parse_etcd_healths(std::string_view said) {
  const json parsed = json::parse(said, nullptr, false);
  if (!parsed.is_array() || parsed.empty()) return not_readable("health of all members", said);
  std::vector<EtcdEndpointHealth> all;
  for (const json& one : parsed) {
    all.push_back({text(at(one, "endpoint")),
                   {.healthy = flag(at(one, "health")),
                    .took = text(at(one, "took")),
                    .error = text(at(one, "error"))}});
  }
  return all;
}

Result<std::vector<EtcdAlarm>> parse_etcd_alarms(std::string_view said) {
  const json parsed = json::parse(said, nullptr, false);
  if (!at(parsed, "header").is_object()) return not_readable("list of alarms", said);
  std::vector<EtcdAlarm> alarms;
  const json& list = at(parsed, "alarms");
  if (!list.is_array()) return alarms;
  for (const json& one : list) {
    alarms.push_back({number(at(one, "memberID")), alarm_name(at(one, "alarm"))});
  }
  return alarms;
}

Result<std::vector<EtcdHash>> parse_etcd_hashes(std::string_view said) {
  const json parsed = json::parse(said, nullptr, false);
  if (!parsed.is_array() || parsed.empty()) return not_readable("hashes of all members", said);
  std::vector<EtcdHash> all;
  for (const json& one : parsed) {
    const json& hash = at(one, "HashKV");
    if (!at(hash, "hash").is_number_unsigned()) return not_readable("hashes of all members", said);
    all.push_back({.endpoint = text(at(one, "Endpoint")),
                   .hash = number(at(hash, "hash")),
                   .revision = number(at(at(hash, "header"), "revision"))});
  }
  return all;
}

Result<EtcdSnapshotStatus> parse_etcd_snapshot_status(std::string_view said) {
  const json parsed = json::parse(said, nullptr, false);
  if (!at(parsed, "revision").is_number_unsigned()) return not_readable("snapshot status", said);
  return EtcdSnapshotStatus{.hash = number(at(parsed, "hash")),
                            .revision = number(at(parsed, "revision")),
                            .keys = number(at(parsed, "totalKey"))};
}

}  // namespace drover
