#include <fmt/format.h>

#include <optional>

#include "inventory/base/text.h"
#include "inventory/cluster/api_refusal.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/with_inventory.h"
#include "orchestrator/cluster_session.h"
#include "orchestrator/console.h"
#include "orchestrator/http_status.h"
#include "orchestrator/ui/describe_text.h"
#include "plans/describe/describe.h"
#include "plans/event_query.h"
#include "plans/object_target.h"
#include "plans/pod_by_name.h"

namespace drover::orchestrator {
namespace {

using plans::ObjectTarget;

constexpr std::chrono::seconds kListTimeout{60};

/// `drover describe`.
class Describe {
 public:
  Describe(const Inventory& inventory, const Console& console)
      : inventory_(inventory), console_(console), session_(inventory) {}

  Result<int> node(const ObjectTarget& target) {
    DROVER_TRY(session_.open());
    const ApiRequest request = plans::describe_node_request(target.name);
    DROVER_TRY_ASSIGN(const ApiResponse answer, ask(request));
    if (answer.status == kNotFound) return no_node(target);
    if (!answer.ok()) return refusal(request, answer);
    DROVER_TRY_ASSIGN(NodeDetail node, parse_node_detail(answer.body));
    DROVER_TRY_ASSIGN(const std::string pods, get(plans::pods_of_node_request(target.name)));
    DROVER_TRY_ASSIGN(plans::LookedAt seen, look(pods));
    add_events({.object_kind = "Node", .object_name = target.name}, seen);
    add_events({.warnings = true}, seen, "Pod");
    const Host* host = inventory_.find_node(target.name);
    const auto described =
        plans::describe_node(std::move(node), host == nullptr ? "" : host->name, std::move(seen));
    console_.print(console_.json
                       ? node_description_json(inventory_.cluster, described)
                       : node_description_text(described, now(), console_.out_style.color));
    return kExitDone;
  }

  Result<int> pod(const ObjectTarget& target) {
    DROVER_TRY(session_.open());
    const plans::PodName name{target.name, target.ns};
    DROVER_TRY_ASSIGN(const std::string pods, get(plans::find_pod(name)));
    DROVER_TRY_ASSIGN(plans::LookedAt seen, look(pods));
    DROVER_TRY(plans::is_one_pod(name, seen.pods));
    const Pod& pod = seen.pods.front().pod;
    add_events({.ns = pod.ns, .object_kind = "Pod", .object_name = pod.name}, seen);
    const std::optional<Node> node = node_of(pod);
    const auto described = plans::describe_pod(std::move(seen), node);
    console_.print(console_.json
                       ? pod_description_json(inventory_.cluster, described)
                       : pod_description_text(described, now(), console_.out_style.color));
    return kExitDone;
  }

 private:
  plans::Timestamp now() {
    return std::chrono::time_point_cast<plans::Timestamp::duration>(session_.clock().wall());
  }

  Result<ApiResponse> ask(const ApiRequest& request) {
    return session_.api().get(request, session_.stop());
  }

  Result<std::string> get(const ApiRequest& request) {
    DROVER_TRY_ASSIGN(ApiResponse answer, ask(request));
    if (!answer.ok()) return refusal(request, answer);
    return std::move(answer.body);
  }

  Result<std::string> list(std::string path) {
    return get({.path = std::move(path), .timeout = kListTimeout});
  }

  Error no_node(const ObjectTarget& target) const {
    return {.kind = ErrorKind::Refused,
            .message = fmt::format("the cluster {} has no node {}", inventory_.cluster,
                                   sanitise(target.name, 80)),
            .remedy = target.host == nullptr ? "pod/NAME names a pod"
                                             : "it has not joined, or `node` of this host in the "
                                               "inventory is wrong"};
  }

  /// What a drain of these pods depends on, beside them.
  Result<plans::LookedAt> look(const std::string& pods) {
    plans::LookedAt seen;
    DROVER_TRY_ASSIGN(seen.pods, parse_pod_details(pods));
    DROVER_TRY_ASSIGN(seen.claims, parse_pod_claims(pods));
    for (const PodDetail& pod : seen.pods) seen.facts.pods.push_back(pod.pod);
    DROVER_TRY_ASSIGN(const std::string budgets, list("/apis/policy/v1/poddisruptionbudgets"));
    DROVER_TRY_ASSIGN(seen.facts.budgets, parse_pdb_list(budgets));
    DROVER_TRY_ASSIGN(const std::string sets, list("/apis/apps/v1/daemonsets"));
    DROVER_TRY_ASSIGN(seen.facts.workloads, parse_workload_list(sets, "DaemonSet"));
    for (const char* kind : {"ReplicaSet", "StatefulSet", "ReplicationController"}) {
      DROVER_TRY_ASSIGN(const std::string body, list(replicas_path(kind)));
      DROVER_TRY_ASSIGN(const auto found, parse_replicas_list(body, kind));
      seen.facts.replicas.insert(seen.facts.replicas.end(), found.begin(), found.end());
    }
    return seen;
  }

  /// Without them the rest is worth to be seen, too. `kind`: only events about those; "": all.
  void add_events(const plans::EventQuery& query, plans::LookedAt& seen,
                  std::string_view kind = "") {
    const Result<std::string> body = get(plans::list_events(query));
    const Result<EventList> read = body ? parse_event_list(*body) : Result<EventList>(body.error());
    if (!read) {
      if (read.error().kind != ErrorKind::Cancelled)
        warn("events are missing: " + read.error().message);
      return;
    }
    for (const ClusterEvent& event : read->events) {
      if (kind.empty() || event.object.kind == kind) seen.events.push_back(event);
    }
  }

  std::optional<Node> node_of(const Pod& pod) {
    if (pod.node.empty()) return std::nullopt;
    const auto body = get(plans::describe_node_request(pod.node));
    const auto node = body ? parse_node(*body) : Result<Node>(body.error());
    if (node) return *node;
    warn(fmt::format("node {} is not known: {}", pod.node, node.error().message));
    return std::nullopt;
  }

  const Inventory& inventory_;
  const Console& console_;
  ClusterSession session_;
};

Result<int> run(const Invocation& invocation, const Console& console, const Inventory& inventory) {
  const plans::TargetHint hint{.wants_pod = invocation.has("namespace"),
                               .ns = invocation.value("namespace")};
  DROVER_TRY_ASSIGN(const ObjectTarget target,
                    plans::object_target(inventory, invocation.subject, hint));
  Describe describe(inventory, console);
  return target.kind == ObjectTarget::Kind::Node ? describe.node(target) : describe.pod(target);
}

}  // namespace

int describe_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  if (invocation.has("namespace") && !plans::is_object_name(invocation.value("namespace"))) {
    console.complain(Error{.kind = ErrorKind::Usage,
                           .message = fmt::format("-n \"{}\": that is no name",
                                                  sanitise(invocation.value("namespace"), 80)),
                           .remedy = "`drover help describe`"});
    return kExitUsage;
  }
  return with_inventory(invocation, console, [&](const Inventory& inventory) {
    return run(invocation, console, inventory);
  });
}

}  // namespace drover::orchestrator
