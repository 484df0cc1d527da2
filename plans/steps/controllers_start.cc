#include <fmt/format.h>

#include "inventory/base/quote.h"
#include "plans/etcd/given.h"
#include "plans/etcd/static_pods.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

const std::vector<std::string> kControllers = {"kube-controller-manager", "kube-scheduler"};

// A snapshot holds all secrets of the cluster. A folder that holds more than was put there stays.
constexpr std::string_view kClean = R"sh(rm -f "$copy"
rmdir "$stopped" 2>/dev/null || :
)sh";

// The ones of before are kept under a name that tells of no restore that stopped on its way.
constexpr std::string_view kKeepManifests = R"sh(rm -f "$copy"
if [ -d "$stopped" ]; then mv -T "$stopped" "$kept"; fi
sync /etc/kubernetes
rm -f "$given"*
)sh";

std::string clean(const Restore& restore, const RestoreMember& member) {
  std::string text = fmt::format("copy={}\n", quote(restore.copy()));
  if (member.given.empty()) return text + std::string(kClean);
  return text + fmt::format("kept={}\n", quote(restore.kept_manifests())) +
         std::string(kKeepManifests);
}

}  // namespace

Step make_controllers_start(const Scope& scope, const Restore& restore,
                            const RestoreMember& member) {
  Step step =
      scope.step(StepKind::ControllersStart, member.host,
                 fmt::format("start controller-manager and scheduler on {}", member.host->name),
                 "they begin anew with what the API servers show now; the copy of the snapshot is "
                 "needed no longer and goes");
  step.commands = {put_back(restore, member, kControllers, clean(restore, member))};
  describe_static_pods(step, restore, kControllers);
  describe_given(step, restore, member, kControllers);
  step.timeout = std::chrono::minutes(5);
  step.estimate = std::chrono::seconds(5);
  return step;
}

Queries look_controllers_start(const Step& step, const Attempt&) {
  return {{look_at_static_pods(step)}, {}};
}

Decision decide_controllers_start(const Step& step, const Attempt& attempt,
                                  const Answers& answers) {
  const std::string& kept = step.param("kept_manifests");
  Decision decision =
      decide_put_back(step, attempt, answers,
                      fmt::format("controller-manager and scheduler run on {}{}", step.host,
                                  kept.empty() ? "" : "; the manifests of before are in " + kept));
  // An attempt that broke off after the manifests were in place has left the rest to this one.
  const bool cleaned = ended(attempt, 0) != nullptr;
  if (std::holds_alternative<Done>(decision.next) && !cleaned) return run_unless_lost(attempt, 0);
  return decision;
}

}  // namespace drover::plans
