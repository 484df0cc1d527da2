#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/etcd_text.h"
#include "orchestrator/ui/words.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

const plans::EtcdRow* row_of(const plans::EtcdReport& report, const std::string& host) {
  for (const plans::EtcdRow& row : report.members) {
    if (row.host == host) return &row;
  }
  return nullptr;
}

ordered_json member_json(const plans::Step& step, const plans::EtcdReport& report,
                         const std::map<std::string, StepFinished>& ends) {
  const plans::EtcdRow* row = row_of(report, step.host);
  const auto end = ends.find(step.host);
  ordered_json json = {{"host", step.host},
                       {"step", step.id},
                       {"leader", row != nullptr && row->leader},
                       {"bytes_before", row == nullptr ? 0 : row->size},
                       {"in_use_before", row == nullptr ? 0 : row->used}};
  if (end == ends.end()) {
    json["status"] = "not begun";
    return json;
  }
  json["status"] = status_name(end->second.status);
  json["message"] = sanitise(end->second.message);
  if (!end->second.error.message.empty()) json["error"] = sanitise(end->second.error.message);
  return json;
}

}  // namespace

std::string etcd_defrag_preview_text(const plans::Plan& plan, const plans::EtcdReport& report,
                                     const TextStyle& style) {
  // What the findings say is among the verdicts, with whatever else is to be known.
  plans::EtcdReport members = report;
  members.findings.clear();
  std::string out = etcd_status_text(plan.cluster, members, style);
  if (plan.blocked()) {
    out = out.substr(std::min(out.find('\n') + 1, out.size()));
    out = fmt::format("Cluster {}: etcd cannot be defragmented as it is.\n", plan.cluster) + out;
  }
  out += '\n' + verdicts_text(plan.verdicts, style);
  if (plan.blocked()) return out;
  std::vector<std::string> hosts;
  for (const plans::Step& step : plan.steps) hosts.push_back(step.host);
  return out + fmt::format("To be defragmented, one after the other, each when all are well: {}.\n",
                           join(hosts, ", "));
}

std::string etcd_defrag_json(const plans::Plan& plan, const plans::EtcdReport& report,
                             const std::map<std::string, StepFinished>& ends,
                             const std::string& run, int code) {
  ordered_json json = {{"v", 1},
                       {"kind", "EtcdDefrag"},
                       {"cluster", plan.cluster},
                       {"run", run.empty() ? ordered_json(nullptr) : ordered_json(run)},
                       {"members", ordered_json::array()},
                       {"blockers", ordered_json::array()},
                       {"exit_code", code}};
  for (const plans::Step& step : plan.steps) {
    json["members"].push_back(member_json(step, report, ends));
  }
  for (const plans::Verdict& verdict : plan.verdicts) {
    if (verdict.severity != plans::Severity::Blocker) continue;
    json["blockers"].push_back({{"check", verdict.check},
                                {"subject", verdict.subject},
                                {"message", verdict.message},
                                {"remedy", verdict.remedy}});
  }
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace drover::orchestrator
