#include "orchestrator/etcd/same_cluster.h"

#include <fmt/format.h>

#include <vector>

#include "orchestrator/parallel.h"
#include "plans/etcd/authority.h"

namespace drover::orchestrator {
namespace {

Status check_host(const plans::Plan& plan, const std::string& run, const std::string& host,
                  Fleet& fleet, std::stop_token stop) {
  DROVER_TRY_ASSIGN(const CommandResult said,
                    fleet.node(host)->read(plans::look_at_authority(), stop));
  const std::string why = plans::other_authority(plan, host, plans::read_authority(said));
  if (why.empty()) return {};
  return Error{
      .kind = ErrorKind::Stale,
      .message = fmt::format("{} is of another cluster than that of run {}: {}", host, run, why),
      .remedy = "see the addresses in the inventory",
      .host = host};
}

}  // namespace

Status check_same_cluster(const plans::Plan& plan, const std::string& run, Fleet& fleet,
                          std::stop_token stop) {
  std::vector<std::string> hosts;
  for (const plans::Step& step : plan.steps) {
    if (step.kind == plans::StepKind::EtcdRestoreData) hosts.push_back(step.host);
  }
  std::vector<Status> ends(hosts.size());
  in_parallel(hosts.size(), kSessionsAtOnce,
              [&](size_t i) { ends[i] = check_host(plan, run, hosts[i], fleet, stop); });
  for (const Status& end : ends) {
    if (!end && end.error().kind == ErrorKind::Stale) return end;
  }
  for (const Status& end : ends) DROVER_TRY(end);
  return {};
}

}  // namespace drover::orchestrator
