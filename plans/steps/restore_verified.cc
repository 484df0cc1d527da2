#include <fmt/format.h>

#include "inventory/base/text.h"
#include "inventory/cluster/lease.h"
#include "inventory/cluster/node.h"
#include "plans/etcd/restore.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/reading.h"
#include "plans/timestamp.h"

namespace drover::plans {
namespace {

constexpr const char* kLease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/drover";
constexpr const char* kNodeList = "/api/v1/nodes";

/// A holder of the time of the snapshot is gone; one that came after it has taken the lock of the
/// cluster as it is now.
bool came_with_the_snapshot(const Step& step, const Lease& lease) {
  const auto begun = parse_timestamp(step.param("created"));
  const auto renewed = parse_timestamp(lease.renew_time);
  return !renewed || !begun || *renewed < *begun;
}

Result<Decision> judge_restore(const Step& step, const Answers& answers) {
  DROVER_TRY_ASSIGN(const std::vector<Node> nodes,
                    read_answer(answers.responses.at(0), "list the nodes", parse_node_list));
  std::vector<std::string> down;
  for (const Node& node : nodes) {
    if (!node.ready) down.push_back(sanitise(node.name, 80));
  }
  if (!not_found(answers.responses.at(1))) {
    DROVER_TRY_ASSIGN(const Lease lease,
                      read_answer(answers.responses[1], "read the lock", parse_lease));
    if (!lease.holder.empty() && came_with_the_snapshot(step, lease)) {
      Send send;
      send.instances = {{0,
                         {{"resourceVersion", lease.resource_version},
                          {"renewTime", lease.renew_time},
                          {"acquireTime", lease.acquire_time}}}};
      return Decision{send, {}, {}};
    }
  }
  Decision decision =
      done(fmt::format("{} nodes, {} Ready; the lock is free of who held it when "
                       "the snapshot was saved",
                       nodes.size(), nodes.size() - down.size()));
  if (!down.empty()) {
    decision.notices = {{"node-down",
                         fmt::format("the restored data know nodes that are not Ready: {}; those "
                                     "that are no longer there are to be deleted",
                                     some_of(down, 10)),
                         {}}};
  }
  return decision;
}

}  // namespace

Step make_restore_verified(const Scope& scope, const std::string& created) {
  Step step =
      scope.step(StepKind::RestoreVerified, nullptr, "look at the cluster and free its lock",
                 "the lock kube-system/drover is as it was when the snapshot was saved: whoever "
                 "held it then would lock everybody out");
  step.requests = {
      {.verb = Verb::Put,
       .path = kLease,
       .body = R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":)"
               R"("drover","namespace":"kube-system","resourceVersion":"{resourceVersion}"},)"
               R"("spec":{"holderIdentity":"","leaseDurationSeconds":1,"acquireTime":)"
               R"("{acquireTime}","renewTime":"{renewTime}","leaseTransitions":0}})"}};
  step.params = {{"created", created}};
  step.timeout = std::chrono::minutes(3);
  return step;
}

Queries look_restore_verified(const Step&, const Attempt&) {
  return {{}, {get(kNodeList), get(kLease)}};
}

Decision decide_restore_verified(const Step& step, const Attempt&, const Answers& answers) {
  if (auto trouble = any_trouble(answers)) return wait_for(*trouble);
  return or_fail(judge_restore(step, answers));
}

}  // namespace drover::plans
