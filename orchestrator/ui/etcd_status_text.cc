#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/ui/etcd_text.h"
#include "orchestrator/ui/table.h"
#include "orchestrator/ui/words.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;
using plans::EtcdFinding;
using plans::EtcdLife;
using plans::EtcdReport;
using plans::EtcdRow;
using plans::EtcdWeight;

std::string_view life_name(EtcdLife life) {
  return life == EtcdLife::Healthy     ? "healthy"
         : life == EtcdLife::Unhealthy ? "unhealthy"
                                       : "unknown";
}

Colour life_colour(EtcdLife life) {
  return life == EtcdLife::Healthy     ? Colour::Green
         : life == EtcdLife::Unhealthy ? Colour::Red
                                       : Colour::Yellow;
}

std::string role_of(const EtcdRow& row) {
  if (row.host.empty()) return row.learner ? "learner" : "-";
  return row.leader ? "leader" : row.learner ? "learner" : "follower";
}

std::string name_or_dash(const std::string& text) {
  return text.empty() ? "-" : sanitise(text, 80);
}

std::string alarms_of(const EtcdRow& row) {
  std::vector<std::string> names;
  for (const std::string& alarm : row.alarms) names.push_back(sanitise(alarm, 40));
  return names.empty() ? "-" : join(names, ", ");
}

std::string size_text(std::uint64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

std::vector<Cell> cells_of(const EtcdRow& row) {
  const bool asked = !row.host.empty();
  const auto size = [&](std::uint64_t bytes) {
    return Cell{asked ? size_text(bytes) : "-", Colour::Plain, true};
  };
  const std::string share =
      asked && row.quota > 0
          ? fmt::format("{:.1f} % of {}",
                        100.0 * static_cast<double>(row.size) / static_cast<double>(row.quota),
                        size_text(row.quota))
          : "-";
  return {{name_or_dash(row.name)},
          {name_or_dash(row.host)},
          {etcd_id(row.id)},
          {std::string(life_name(row.life)), life_colour(row.life)},
          {role_of(row)},
          {name_or_dash(row.version)},
          size(row.size),
          size(row.used),
          {share, Colour::Plain, true},
          {alarms_of(row), row.alarms.empty() ? Colour::Plain : Colour::Red}};
}

std::string_view weight_name(EtcdWeight weight) {
  return weight == EtcdWeight::Grave   ? "trouble"
         : weight == EtcdWeight::Blind ? "unknown"
                                       : "warning";
}

std::string finding_text(const EtcdFinding& finding, const TextStyle& style) {
  const auto width = static_cast<std::size_t>(style.width);
  const std::string_view name = weight_name(finding.weight);
  const Colour colour = finding.weight == EtcdWeight::Grave ? Colour::Red : Colour::Yellow;
  std::string text = hang(pad(name, 9), finding.subject + ": " + finding.message, 9, width);
  if (style.color) text.replace(0, name.size(), paint(name, colour, true));
  if (!finding.remedy.empty()) text += hang("      ->", finding.remedy, 9, width);
  return text;
}

std::string headline(const std::string& cluster, const EtcdReport& report) {
  const std::string members = plural(report.members.size(), "member");
  if (report.has(EtcdWeight::Grave)) {
    return fmt::format("Cluster {}: etcd is NOT WELL, {}, {} of them healthy.\n", cluster, members,
                       report.healthy());
  }
  if (report.has(EtcdWeight::Blind)) {
    return fmt::format("Cluster {}: etcd, {}, {} of them known to be healthy.\n", cluster, members,
                       report.healthy());
  }
  return fmt::format("Cluster {}: etcd is well, {}.\n", cluster, members);
}

ordered_json member_json(const EtcdRow& row) {
  ordered_json json = {{"id", etcd_id(row.id)},
                       {"name", sanitise(row.name)},
                       {"host", row.host.empty() ? ordered_json(nullptr) : ordered_json(row.host)},
                       {"health", life_name(row.life)},
                       {"leader", row.leader},
                       {"learner", row.learner},
                       {"alarms", ordered_json::array()}};
  for (const std::string& alarm : row.alarms) json["alarms"].push_back(sanitise(alarm, 40));
  if (row.host.empty()) return json;
  json["version"] = sanitise(row.version);
  json["size"] = row.size;
  json["in_use"] = row.used;
  json["quota"] = row.quota;
  json["revision"] = row.revision;
  json["raft_term"] = row.term;
  json["applied_index"] = row.applied;
  return json;
}

}  // namespace

int etcd_exit_code(const EtcdReport& report) {
  if (report.has(EtcdWeight::Grave)) return kExitRefused;
  return report.has(EtcdWeight::Blind) ? kExitUnreachable : kExitDone;
}

std::string etcd_status_text(const std::string& cluster, const EtcdReport& report,
                             const TextStyle& style) {
  std::string out = headline(cluster, report);
  if (!report.members.empty()) {
    std::vector<std::vector<Cell>> rows = {{{"MEMBER"},
                                            {"HOST"},
                                            {"ID"},
                                            {"HEALTH"},
                                            {"ROLE"},
                                            {"VERSION"},
                                            {"SIZE", Colour::Plain, true},
                                            {"IN USE", Colour::Plain, true},
                                            {"QUOTA", Colour::Plain, true},
                                            {"ALARMS"}}};
    for (const EtcdRow& row : report.members) rows.push_back(cells_of(row));
    out += '\n' + table(rows, style.color);
  }
  if (!report.findings.empty()) out += '\n';
  for (const EtcdFinding& finding : report.findings) out += finding_text(finding, style);
  return out;
}

std::string etcd_status_json(const std::string& cluster, const EtcdReport& report) {
  ordered_json json = {
      {"v", 1},
      {"kind", "EtcdStatus"},
      {"cluster", cluster},
      {"healthy", etcd_exit_code(report) == kExitDone},
      {"cluster_id", etcd_id(report.cluster)},
      {"leader", report.leader == 0 ? ordered_json(nullptr) : ordered_json(etcd_id(report.leader))},
      {"members", ordered_json::array()},
      {"findings", ordered_json::array()},
      {"exit_code", etcd_exit_code(report)}};
  for (const EtcdRow& row : report.members) json["members"].push_back(member_json(row));
  for (const EtcdFinding& finding : report.findings) {
    json["findings"].push_back({{"severity", weight_name(finding.weight)},
                                {"subject", finding.subject},
                                {"message", finding.message},
                                {"remedy", finding.remedy}});
  }
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace drover::orchestrator
