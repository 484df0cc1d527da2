#include "plans/etcd/defrag_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "plans/checks/check.h"
#include "plans/plan_file.h"
#include "plans/steps/catalogue.h"

namespace drover::plans {
namespace {

/// Whatever is wrong is mended first: a defragmentation takes a member away for a while.
std::vector<Verdict> judge(const DefragInput& input, const UpgradePlan& file) {
  std::vector<Verdict> verdicts;
  for (const EtcdFinding& finding : input.report.findings) {
    const bool blocks = finding.weight != EtcdWeight::Warning;
    verdicts.push_back({.check = "etcd-healthy",
                        .severity = blocks ? Severity::Blocker : Severity::Warning,
                        .subject = finding.subject,
                        .message = fmt::format("{} {}", finding.subject, finding.message),
                        .remedy = finding.remedy});
  }
  const CheckInput for_checks{input.inventory, file, input.facts, {}, {}, {}, false, input.self};
  for (Verdict& verdict : check_locked(for_checks)) {
    verdict.check = "locked";
    verdict.remedy = "`drover lock show` tells whether its holder lives";
    verdicts.push_back(std::move(verdict));
  }
  if (input.report.members.size() == 1) {
    verdicts.push_back({.check = "single-etcd",
                        .severity = Severity::Info,
                        .subject = input.report.members.front().host,
                        .message = "etcd has one member: the API answers nobody while it is "
                                   "defragmented, some seconds for each GiB"});
  }
  return verdicts;
}

}  // namespace

Plan make_defrag_plan(const DefragInput& input) {
  const UpgradePlan file;
  Plan plan;
  plan.created = input.created;
  plan.cluster = input.inventory.cluster;
  plan.work = "etcd defrag";
  plan.inventory = input.inventory_path;
  plan.inventory_sha256 = input.inventory.sha256;
  plan.fingerprint = {{"cluster/uid", input.facts.uid}};
  plan.preamble = input.preamble;
  plan.rollout.on_blocked = OnBlocked::Fail;
  plan.rollout.order = WorkerOrder::Inventory;
  plan.verdicts = judge(input, file);
  if (!plan.blocked()) {
    std::vector<EtcdRow> members = input.report.members;
    std::stable_partition(members.begin(), members.end(),
                          [](const EtcdRow& row) { return !row.leader; });
    for (const EtcdRow& row : members) {
      const Host& host = *input.inventory.find(row.host);
      Scope scope{input.inventory, file, input.facts, {}, {}, host};
      scope.node_command = plan.work;
      Step step = make_etcd_defrag(scope, host);
      if (!plan.steps.empty()) step.needs = {plan.steps.back().id};
      if (row.leader) step.title += ", the leader";
      plan.steps.push_back(std::move(step));
    }
  }
  plan.id = plan_id(plan);
  return plan;
}

}  // namespace drover::plans
