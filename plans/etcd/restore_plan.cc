#include "plans/etcd/restore_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "plans/etcd/authority.h"
#include "plans/etcd/restore_checks.h"
#include "plans/etcd/static_pods.h"
#include "plans/gates/baseline.h"
#include "plans/plan_file.h"
#include "plans/steps/catalogue.h"

namespace drover::plans {
namespace {

using Ids = std::vector<std::string>;

constexpr const char* kWork = "etcd restore";

/// Adds the steps, one row of the table after the other.
class Builder {
 public:
  Builder(const RestoreInput& input, const UpgradePlan& file, Restore restore, Plan& plan)
      : input_(input), file_(file), restore_(std::move(restore)), plan_(plan) {}

  void build() {
    Ids before;
    for (const auto make :
         {make_snapshot_present, make_static_pods_stop, make_etcd_restore_data, make_etcd_start}) {
      before = on_members(make, before);
    }
    const Host& first = *restore_.members.front().host;
    before = {add(make_etcd_quorum(scope_of(first), restore_), before)};
    for (const auto make : {make_api_server_start, make_controllers_start}) {
      before = on_members(make, before);
    }
    before = restart_kubelets(before);
    add(make_restore_verified(scope_of(first), input_.created), before);
  }

 private:
  Scope scope_of(const Host& host) const {
    Scope scope{input_.inventory, file_, input_.facts, {}, {}, host};
    scope.node_command = kWork;
    return scope;
  }

  std::string add(Step step, Ids needs) {
    step.needs = std::move(needs);
    plan_.steps.push_back(std::move(step));
    return plan_.steps.back().id;
  }

  template <class Make>
  Ids on_members(Make make, const Ids& needs) {
    Ids ids;
    for (const RestoreMember& member : restore_.members) {
      ids.push_back(add(make(scope_of(*member.host), restore_, member), needs));
    }
    return ids;
  }

  /// The node's own gates as after any restart of its kubelet. Without the API there is nothing to
  /// compare its DaemonSets with: all are waited for.
  Step node_healthy(const Scope& scope, const Host& host) const {
    Step step = make_node_healthy(scope, host);
    step.params["target"] = input_.facts.hosts.at(host.name).kubelet_binary_version;
    if (!input_.api) step.params.erase(marks_note("daemonsets"));
    step.title = fmt::format("wait until {} is well", host.name);
    step.why = "its kubelet has begun anew, and shows it to the restored API";
    return step;
  }

  Ids restart_kubelets(const Ids& needs) {
    Ids ends;
    for (const Host& host : input_.inventory.hosts) {
      const Scope scope = scope_of(host);
      Step restart = make_kubelet_restart(scope, host);
      restart.why = "it must forget what it read before: the restored data know nothing of it";
      std::string end = add(std::move(restart), needs);
      end = add(node_healthy(scope, host), {end});
      if (host.has(Role::ControlPlane)) {
        Step pods = make_static_pods_healthy(scope, host);
        pods.params["target"] = "";  // whatever they were before
        pods.why = "the control plane has shown that it works with the restored data";
        end = add(std::move(pods), {end});
      }
      ends.push_back(end);
    }
    return ends;
  }

  const RestoreInput& input_;
  const UpgradePlan& file_;
  const Restore restore_;
  Plan& plan_;
};

Restore restore_of(const RestoreInput& input) {
  Restore restore{.run = input.run,
                  .file = input.source.path,
                  .sha256 = input.source.sha256,
                  .bytes = input.source.bytes,
                  .revision = input.source.revision,
                  .manifests = input.manifests};
  for (const RestoreSeen& seen : input.seen) {
    const Manifests& wanted = seen.wanted();
    restore.members.push_back({.host = input.inventory.find(seen.host),
                               .name = wanted.name,
                               .peer_url = wanted.peer_url,
                               .data = wanted.data,
                               .mounted = seen.mounted,
                               .image = wanted.image_of("etcd"),
                               .tool = choose_tool(seen)});
    if (seen.given) restore.members.back().given = seen.given->sha256;
  }
  return restore;
}

}  // namespace

Plan make_restore_plan(const RestoreInput& input) {
  const UpgradePlan file;
  Plan plan;
  plan.created = input.created;
  plan.cluster = input.inventory.cluster;
  plan.work = kWork;
  plan.inventory = input.inventory_path;
  plan.inventory_sha256 = input.inventory.sha256;
  plan.fingerprint = {{"cluster/uid", input.facts.uid}, {"snapshot/sha256", input.source.sha256}};
  for (const RestoreSeen& seen : input.seen) {
    if (!seen.authority.empty()) plan.fingerprint[authority_key(seen.host)] = seen.authority;
  }
  plan.preamble = input.preamble;
  plan.rollout.on_blocked = OnBlocked::Fail;
  plan.rollout.order = WorkerOrder::Inventory;
  plan.verdicts = judge_restore(input);
  if (!plan.blocked()) Builder(input, file, restore_of(input), plan).build();
  plan.id = plan_id(plan);
  return plan;
}

std::optional<SnapshotCopy> copies_of(const Plan& plan) {
  std::optional<SnapshotCopy> copies;
  for (const Step& step : plan.steps) {
    if (step.kind != StepKind::SnapshotPresent) continue;
    if (!copies)
      copies = SnapshotCopy{step.param("file"), step.param("copy"), step.param("sha256")};
    copies->hosts.push_back(step.host);
  }
  return copies;
}

bool gives_manifests(const Step& step) {
  return step.kind == StepKind::SnapshotPresent && !step.param("given").empty();
}

std::vector<const Step*> manifests_to_send(const Plan& plan, const std::set<std::string>& done) {
  std::set<std::string> in_place;  // hosts
  std::vector<const Step*> steps;
  for (const Step& step : plan.steps) {
    if (step.kind == StepKind::ControllersStart && done.contains(step.id))
      in_place.insert(step.host);
    if (gives_manifests(step)) steps.push_back(&step);
  }
  std::erase_if(steps, [&](const Step* step) { return in_place.contains(step->host); });
  return steps;
}

std::string left_standing_still(const Plan& plan, const std::vector<std::string>& left) {
  std::string text;
  for (const Step& step : plan.steps) {
    const bool waits = std::find(left.begin(), left.end(), step.id) != left.end();
    if (step.kind == StepKind::EtcdRestoreData && !waits) {
      text += fmt::format("The old data of etcd on {} are in {}. ", step.host, step.param("kept"));
    }
    if (step.kind != StepKind::ControllersStart) continue;
    const bool given = !step.param("given").empty();
    if (waits) {
      text += fmt::format(
          "The control plane of {} may stand still: what is in {} there belongs into "
          "{}{}. ",
          step.host, step.param("stopped"), kManifestFolder,
          given ? fmt::format(" (those given, for the restored data, are {}*.yaml)",
                              step.param("given_prefix"))
                : "");
    } else if (given) {
      text += fmt::format("The manifests of before of {} are in {}. ", step.host,
                          step.param("kept_manifests"));
    }
  }
  return text;
}

bool replaces_etcd(const Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(),
                     [](const Step& step) { return step.kind == StepKind::EtcdRestoreData; });
}

}  // namespace drover::plans
