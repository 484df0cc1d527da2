#include "orchestrator/survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "inventory/selection.h"
#include "orchestrator/gather.h"
#include "orchestrator/parallel.h"

namespace drover::orchestrator {
namespace {

/// A host that does not answer in time is as far away as one that refuses, and a worker need not
/// hold up the others.
Error out_of_reach(const Host& host, Error error) {
  if (error.kind == ErrorKind::Timeout) error.kind = ErrorKind::Unreachable;
  if (error.kind != ErrorKind::Unreachable || host.has(Role::ControlPlane)) return error;
  error.remedy += fmt::format("{}or leave this worker out: `workers: {{exclude: [{}]}}`",
                              error.remedy.empty() ? "" : "; ", host.name);
  return error;
}

std::vector<Result<NodeFacts>> survey_nodes(const Files& files, Fleet& fleet,
                                            std::stop_token stop) {
  const std::vector<const Host*> hosts = hosts_to_see(files.upgrade, files.inventory);
  std::vector<Result<NodeFacts>> found(hosts.size(), Result<NodeFacts>(Error{}));
  in_parallel(hosts.size(), kSessionsAtOnce, [&](size_t i) {
    const Host& host = *hosts[i];
    found[i] = gather_node(host, files.upgrade.target, *fleet.node(host.name), stop);
    if (!found[i]) found[i] = out_of_reach(host, found[i].error());
  });
  return found;
}

Result<ClusterFacts> survey_cluster(Fleet& fleet, std::stop_token stop) {
  DROVER_TRY(fleet.open_api(stop));
  return gather_cluster(*fleet.api(), stop);
}

}  // namespace

std::variant<ClusterFacts, std::vector<Error>> survey(const Files& files, Fleet& fleet,
                                                      std::stop_token stop) {
  if (const Status had = fleet.credentials(); !had) return std::vector<Error>{had.error()};
  Result<ClusterFacts> cluster = Error{};
  std::vector<Result<NodeFacts>> nodes;
  {
    const std::jthread api([&] { cluster = survey_cluster(fleet, stop); });
    nodes = survey_nodes(files, fleet, stop);
  }
  // One trouble of one host may have met several: its own look and the way to the API, or all that
  // wanted to offer a password that this host refused.
  std::vector<Error> errors;
  const auto tell = [&](const Error& error) {
    const bool told = std::any_of(errors.begin(), errors.end(), [&](const Error& e) {
      return e.host == error.host && e.kind == error.kind;
    });
    if (!told) errors.push_back(error);
  };
  for (const Result<NodeFacts>& node : nodes) {
    if (!node) tell(node.error());
  }
  if (!cluster) tell(cluster.error());
  if (!errors.empty()) return errors;
  for (Result<NodeFacts>& node : nodes) cluster->hosts[node->host] = std::move(*node);
  return std::move(*cluster);
}

}  // namespace drover::orchestrator
