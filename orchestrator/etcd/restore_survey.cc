#include "orchestrator/etcd/restore_survey.h"

#include <algorithm>
#include <optional>

#include "orchestrator/await_cluster.h"
#include "orchestrator/etcd/etcd_survey.h"
#include "orchestrator/gather.h"
#include "orchestrator/parallel.h"
#include "plans/etcd/judge.h"

namespace drover::orchestrator {
namespace {

struct Machine {
  std::optional<Error> error;
  NodeFacts facts;
  plans::RestoreSeen seen;
};

using Given = std::map<std::string, plans::Manifests>;

Result<Machine> look_at(const Host& host, const Given& given, Fleet& fleet, std::stop_token stop) {
  Machine machine;
  DROVER_TRY_ASSIGN(machine.facts, gather_machine(host, *fleet.node(host.name), stop));
  if (!host.has(Role::ControlPlane)) return machine;
  remote::NodeReader& node = *fleet.node(host.name);
  DROVER_TRY_ASSIGN(const CommandResult manifests, node.read(plans::look_at_manifests(), stop));
  machine.seen = plans::read_manifest_look(host.name, manifests);
  if (const auto found = given.find(host.name); found != given.end()) {
    machine.seen.given = found->second;
  }
  if (!machine.seen.no_etcd.empty()) return machine;
  DROVER_TRY_ASSIGN(const CommandResult said,
                    node.read(plans::look_before_restore(machine.seen), stop));
  plans::read_restore_look(said, machine.seen);
  return machine;
}

/// The whole of the cluster when its API answers; otherwise it is no reason not to restore.
Result<std::optional<ClusterFacts>> look_at_api(Fleet& fleet, std::stop_token stop) {
  const Status opened = fleet.open_api(stop);
  if (!opened && !may_pass(opened.error().kind)) return opened.error();
  if (!opened) return std::optional<ClusterFacts>();
  auto facts = gather_cluster(*fleet.api(), stop);
  if (!facts) return std::optional<ClusterFacts>();
  return std::optional<ClusterFacts>(std::move(*facts));
}

/// Of etcd as it is now, as far as it answers.
void look_at_etcd(const Inventory& inventory, Fleet& fleet, std::stop_token stop,
                  RestoreSurvey& survey) {
  const auto seen = survey_etcd(inventory, fleet, stop);
  if (!seen) return;
  for (const plans::EtcdRow& row : plans::judge_etcd(*seen).members) {
    survey.revision = std::max(survey.revision, row.revision);
    if (row.host.empty()) survey.strangers.push_back(row.name);
  }
}

}  // namespace

std::variant<RestoreSurvey, std::vector<Error>> survey_for_restore(const Inventory& inventory,
                                                                   const Given& given, Fleet& fleet,
                                                                   std::stop_token stop) {
  if (const Status had = fleet.credentials(); !had) return std::vector<Error>{had.error()};
  const std::vector<Host>& hosts = inventory.hosts;
  std::vector<Machine> machines(hosts.size());
  in_parallel(hosts.size(), kSessionsAtOnce, [&](size_t i) {
    auto machine = look_at(hosts[i], given, fleet, stop);
    if (machine) {
      machines[i] = std::move(*machine);
      return;
    }
    machines[i].error = machine.error();
    if (machine.error().kind == ErrorKind::Timeout)
      machines[i].error->kind = ErrorKind::Unreachable;
  });
  std::vector<Error> errors;
  RestoreSurvey survey;
  for (size_t i = 0; i < hosts.size(); ++i) {
    if (machines[i].error) {
      errors.push_back(*machines[i].error);
      continue;
    }
    survey.facts.hosts[hosts[i].name] = machines[i].facts;
    if (hosts[i].has(Role::ControlPlane)) survey.seen.push_back(machines[i].seen);
  }
  if (!errors.empty()) return errors;
  look_at_etcd(inventory, fleet, stop, survey);
  auto cluster = look_at_api(fleet, stop);
  if (!cluster) return std::vector<Error>{cluster.error()};
  if (*cluster) {
    (*cluster)->hosts = std::move(survey.facts.hosts);
    survey.facts = std::move(**cluster);
    survey.api = true;
  }
  if (const Status ready = fleet.prepare_api(); !ready) return std::vector<Error>{ready.error()};
  return survey;
}

}  // namespace drover::orchestrator
