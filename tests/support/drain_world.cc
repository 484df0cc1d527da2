#include "tests/support/drain_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "inventory/cluster/replicas.h"
#include "tests/support/kube_json.h"

namespace drover::test {

DrainWorld::DrainWorld(ClusterFacts facts, std::string node, double terminate, double start)
    : facts_(std::move(facts)), node_(std::move(node)), terminate_(terminate), start_(start) {
  for (Pod& pod : facts_.pods) {
    const bool going = pod.deleting;
    const bool starting = pod.phase == "Running" && !pod.ready;
    pods_.push_back({std::move(pod), going ? terminate_ : -1, starting ? start_ : -1});
  }
  count_healthy();
}

void DrainWorld::count_healthy() {
  for (PodDisruptionBudget& budget : facts_.budgets) {
    budget.current_healthy =
        static_cast<int>(std::count_if(pods_.begin(), pods_.end(), [&](const Living& living) {
          return budget.covers(living.pod) && living.pod.ready && !living.pod.deleting;
        }));
    budget.disruptions_allowed =
        budget.never_allows() ? 0 : std::max(0, budget.current_healthy - budget.desired_healthy);
  }
}

void DrainWorld::pass(std::chrono::milliseconds time) {
  now_ += std::chrono::duration<double>(time).count();
  std::vector<Living> living;
  for (Living& one : pods_) {
    const bool gone = one.gone_at >= 0 && now_ >= one.gone_at;
    if (!gone) {
      if (one.ready_at >= 0 && now_ >= one.ready_at) one.pod.ready = true;
      living.push_back(one);
      continue;
    }
    if (!one.pod.controller || one.pod.finished()) continue;
    Pod again = one.pod;
    again.node = "elsewhere";
    again.name += fmt::format("-{}", ++born_);
    again.uid = again.name;
    again.deleting = again.ready = false;
    again.phase = "Running";
    living.push_back({again, -1, now_ + start_});
  }
  pods_ = std::move(living);
  detach();
  count_healthy();
}

std::vector<Pod> DrainWorld::pods_on(const std::string& node) const {
  std::vector<Pod> found;
  for (const Living& living : pods_) {
    if (living.pod.node == node) found.push_back(living.pod);
  }
  return found;
}

void DrainWorld::attach(const std::string& claim, double detach) {
  const std::string volume = fmt::format("pv-{}", attached_.size() + 1);
  attached_.push_back({{"csi-" + volume, node_, volume}, claim, detach, -1});
}

void DrainWorld::detach() {
  for (Attached& one : attached_) {
    const bool used = std::any_of(pods_.begin(), pods_.end(), [&](const Living& living) {
      const Pod& pod = living.pod;
      return pod.node == node_ &&
             std::any_of(pod.claims.begin(), pod.claims.end(), [&](const std::string& claim) {
               return pod.ns + "/" + claim == one.claim;
             });
    });
    if (!used && one.gone_at < 0) one.gone_at = now_ + one.detach;
  }
  std::erase_if(attached_,
                [&](const Attached& one) { return one.gone_at >= 0 && now_ >= one.gone_at; });
}

Result<ApiResponse> DrainWorld::get(const ApiRequest& request) {
  if (fault) {
    if (auto other = fault(requests_++, request)) return other->answer;
  }
  asked_.push_back(request.path);
  if (request.path == "/api/v1/pods?fieldSelector=spec.nodeName%3D" + node_) {
    evicted_since_look_.clear();
    return ok(list_of("Pod", pods_on(node_)));
  }
  return read(request.path);
}

/// The list of a kind of controllers in one namespace; "" when the path asks for something else.
std::string DrainWorld::replicas_in(const std::string& path) const {
  std::set<std::string> namespaces;
  for (const Living& living : pods_) namespaces.insert(living.pod.ns);
  for (const char* kind : {"ReplicaSet", "StatefulSet", "ReplicationController"}) {
    for (const std::string& ns : namespaces) {
      if (path != replicas_path(kind, ns)) continue;
      std::vector<Replicas> found;
      for (const Replicas& one : facts_.replicas) {
        if (one.kind == kind && one.ns == ns) found.push_back(one);
      }
      return list_of(kind, found);
    }
  }
  return "";
}

Result<ApiResponse> DrainWorld::read(const std::string& path) const {
  if (path == "/apis/apps/v1/daemonsets") {
    std::vector<Workload> daemonsets;
    for (const Workload& workload : facts_.workloads) {
      if (workload.kind == "DaemonSet") daemonsets.push_back(workload);
    }
    return ok(list_of("DaemonSet", daemonsets));
  }
  if (path == "/apis/policy/v1/poddisruptionbudgets") {
    return ok(list_of("PodDisruptionBudget", facts_.budgets));
  }
  if (path == "/api/v1/nodes?fieldSelector=spec.unschedulable%3Dtrue") {
    std::vector<Node> cordoned;
    for (const Node& node : facts_.nodes) {
      if (node.unschedulable) cordoned.push_back(node);
    }
    return ok(list_of("Node", cordoned));
  }
  if (const std::string list = replicas_in(path); !list.empty()) return ok(list);
  if (path == "/apis/storage.k8s.io/v1/volumeattachments") {
    std::vector<VolumeAttachment> list;
    for (const Attached& one : attached_) list.push_back(one.attachment);
    return ok(list_of("VolumeAttachment", list));
  }
  for (const Attached& one : attached_) {
    if (path != "/api/v1/persistentvolumes/" + one.attachment.volume) continue;
    return ok(json_of(PersistentVolume{one.attachment.volume, one.claim}));
  }
  return pods_in(path);
}

Result<ApiResponse> DrainWorld::pods_in(const std::string& path) const {
  std::vector<Pod> there;
  for (const Living& living : pods_) {
    if (path == fmt::format("/api/v1/namespaces/{}/pods", living.pod.ns)) {
      there.push_back(living.pod);
    }
  }
  if (there.empty()) return refusal(501, "NotImplemented", path);
  return ok(list_of("Pod", there));
}

Result<ApiResponse> DrainWorld::send(const ApiRequest& request) {
  const auto body = nlohmann::json::parse(request.body);
  const bool deletes = request.verb == Verb::Delete;
  const std::string uid = (deletes ? body : body.at("deleteOptions"))["preconditions"]["uid"];
  const auto pod = std::find_if(pods_.begin(), pods_.end(), [&](const Living& living) {
    const std::string path =
        fmt::format("/api/v1/namespaces/{}/pods/{}", living.pod.ns, living.pod.name);
    return request.path == (deletes ? path : path + "/eviction");
  });
  if (!evicted_since_look_.insert(uid).second) ++blind_repeats_;
  if (pod == pods_.end()) return refusal(404, "NotFound", request.path);
  const std::string ns = pod->pod.ns;
  const std::string name = pod->pod.name;
  if (!deletes && (body["metadata"]["name"] != name || body["metadata"]["namespace"] != ns)) {
    return refusal(400, "BadRequest", "name in URL does not match name in Eviction object");
  }
  const auto act = [&] { return deletes ? remove(ns, name, uid) : evict(ns, name, uid); };
  if (fault) {
    if (auto other = fault(requests_++, request)) {
      if (other->acts) static_cast<void>(act());
      return other->answer;
    }
  }
  return act();
}

DrainWorld::Living* DrainWorld::find(const std::string& ns, const std::string& name) {
  const auto found = std::find_if(pods_.begin(), pods_.end(), [&](const Living& living) {
    return living.pod.ns == ns && living.pod.name == name;
  });
  return found == pods_.end() ? nullptr : &*found;
}

/// The pod is told to stop.
void DrainWorld::let_go(Living& living) {
  const bool first = !living.pod.deleting;
  if (first) living.gone_at = now_ + terminate_;
  living.pod.deleting = true;
  count_healthy();
  if (first && living.pod.ready) note_unserved(living.pod);
}

void DrainWorld::note_unserved(const Pod& gone) {
  if (!gone.controller) return;
  const bool budget = std::any_of(facts_.budgets.begin(), facts_.budgets.end(),
                                  [&](const auto& one) { return one.covers(gone); });
  const bool several =
      std::any_of(facts_.replicas.begin(), facts_.replicas.end(), [&](const Replicas& one) {
        return one.kind == gone.controller->kind && one.ns == gone.ns &&
               one.name == gone.controller->name && one.wanted > 1;
      });
  const bool served = std::any_of(pods_.begin(), pods_.end(), [&](const Living& living) {
    const Pod& pod = living.pod;
    return pod.ready && !pod.deleting && pod.ns == gone.ns && pod.controller &&
           pod.controller->kind == gone.controller->kind &&
           pod.controller->name == gone.controller->name;
  });
  if (several && !budget && !served) unserved_.push_back(gone.full_name());
}

Result<ApiResponse> DrainWorld::remove(const std::string& ns, const std::string& name,
                                       const std::string& uid) {
  Living* found = find(ns, name);
  if (found == nullptr) return refusal(404, "NotFound", "pods \"" + name + "\" not found");
  if (found->pod.uid != uid) return refusal(409, "Conflict", "the UID in the precondition differs");
  for (const PodDisruptionBudget& budget : facts_.budgets) {
    if (budget.covers(found->pod)) bypassed_.push_back(budget.name);
  }
  let_go(*found);
  return ok("{}");
}

Result<ApiResponse> DrainWorld::evict(const std::string& ns, const std::string& name,
                                      const std::string& uid) {
  Living* found = find(ns, name);
  if (found == nullptr) return refusal(404, "NotFound", "pods \"" + name + "\" not found");
  if (found->pod.uid != uid) return refusal(409, "Conflict", "the UID in the precondition differs");
  std::vector<PodDisruptionBudget*> budgets;
  for (PodDisruptionBudget& budget : facts_.budgets) {
    if (budget.covers(found->pod)) budgets.push_back(&budget);
  }
  const bool free = found->pod.finished() || found->pod.phase == "Pending" || found->pod.deleting;
  if (!free && !budgets.empty()) return evict_within(budgets, *found);
  let_go(*found);
  return ok("{}");
}

Result<ApiResponse> DrainWorld::evict_within(const std::vector<PodDisruptionBudget*>& budgets,
                                             Living& living) {
  if (budgets.size() > 1) {
    return refusal(500, "InternalError",
                   "This pod has more than one PodDisruptionBudget, which the eviction subresource "
                   "does not support.");
  }
  PodDisruptionBudget& budget = *budgets[0];
  const bool enough =
      budget.current_healthy >= budget.desired_healthy && budget.desired_healthy > 0;
  const bool unhealthy_goes =
      !living.pod.ready && (budget.unhealthy == UnhealthyPods::AlwaysAllow || enough);
  if (budget.disruptions_allowed <= 0 && !unhealthy_goes) {
    return refusal(
        429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.",
        "DisruptionBudget",
        fmt::format("The disruption budget {} needs {} healthy pods and has {} currently",
                    budget.name, budget.desired_healthy, budget.current_healthy));
  }
  const bool was_ready = living.pod.ready;
  let_go(living);
  if (was_ready && budget.current_healthy < budget.desired_healthy) broken_.push_back(budget.name);
  return ok("{}");
}

}  // namespace drover::test
