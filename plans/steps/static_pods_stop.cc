#include <fmt/format.h>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/etcd/static_pods.h"
#include "plans/packages/script.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

// The API server goes before its etcd, and what would ask it goes first.
const std::vector<std::string> kInOrder = {"kube-scheduler", "kube-controller-manager",
                                           "kube-apiserver", "etcd"};

constexpr std::string_view kStopAll = R"sh(umask 077
mkdir -p "$stopped"
for name in kube-scheduler kube-controller-manager kube-apiserver etcd; do
  if [ ! -e "$manifests/$name.yaml" ]; then continue; fi
  if [ -e "$stopped/$name.yaml" ]; then
    echo "E: $name.yaml is in $manifests and in $stopped" >&2
    exit 1
  fi
  mv "$manifests/$name.yaml" "$stopped/$name.yaml"
done
sync "$stopped" "$manifests"
)sh";

}  // namespace

Step make_static_pods_stop(const Scope& scope, const Restore& restore,
                           const RestoreMember& member) {
  Step step = scope.step(
      StepKind::StaticPodsStop, member.host,
      fmt::format("stop the control plane of {}", member.host->name),
      "no API server may show old and new data side by side, and etcd must not run while its data "
      "are replaced: that of all control planes is stopped before any data are");
  step.commands = {Command{.script = script_head() +
                                     fmt::format("manifests={}\nstopped={}\n", kManifestFolder,
                                                 quote(restore.stopped_folder())) +
                                     std::string(kStopAll),
                           .mutates = true,
                           .timeout = std::chrono::minutes(1)}};
  describe_static_pods(step, restore, kInOrder);
  step.timeout = std::chrono::minutes(5);
  step.estimate = std::chrono::seconds(15);
  return step;
}

Queries look_static_pods_stop(const Step& step, const Attempt&) {
  return {{look_at_static_pods(step)}, {}};
}

Decision decide_static_pods_stop(const Step& step, const Attempt& attempt, const Answers& answers) {
  if (auto decision = unreadable(step, answers, "looking at the static pods")) return *decision;
  const CommandResult* last = ended(attempt, 0);
  if (last != nullptr && !last->ok()) {
    return fail(step_failed(step, "taking the manifests away", *last), true);
  }
  std::vector<std::string> running;
  for (const StaticPodSeen& pod : read_static_pods(*answers.commands[0])) {
    if (pod.in_place && pod.stopped) {
      return fail(manifest_error(step, "there are two manifests of " + pod.name));
    }
    if (!pod.in_place && !pod.stopped) {
      return fail(manifest_error(step, "the manifest of " + pod.name + " is gone"));
    }
    if (pod.in_place) return run_unless_lost(attempt, 0);
    if (pod.running) running.push_back(pod.name);
  }
  if (running.empty()) {
    return done(fmt::format("nothing of the control plane runs on {}", step.host));
  }
  Decision decision = wait_for(fmt::format("{} to stop on {}", join(running, ", "), step.host),
                               std::chrono::milliseconds(500));
  std::get<Wait>(decision.next).remedy = fmt::format(
      "the kubelet of {} stops them: see `systemctl status kubelet` there, then `drover resume`",
      step.host);
  return decision;
}

}  // namespace drover::plans
