#include <fmt/format.h>

#include "inventory/base/text.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

// "Need to get 12.3 MB/74.5 MB of archives." of apt: what was not there yet.
std::string fetched(const std::string& out) {
  constexpr std::string_view kNeed = "Need to get ";
  for (const std::string& line : split_lines(out)) {
    if (!line.starts_with(kNeed)) continue;
    const std::string amount = line.substr(kNeed.size(), line.find(" of ") - kNeed.size());
    return fmt::format(", fetched {}", sanitise(amount.substr(0, amount.find('/')), 40));
  }
  return "";
}

}  // namespace

Step make_stage_packages(const Scope& scope, const Host& host) {
  const auto packages = wanted_packages(scope, host, {"kubeadm", "kubelet", "kubectl"});
  Step step = scope.step(StepKind::StagePackages, &host, "download " + name_packages(packages),
                         "what is fetched now does not make the node's window longer");
  step.timeout = std::chrono::minutes(22);
  step.estimate = std::chrono::seconds(5);
  const PackageManager* manager = manager_of(scope, host);
  if (manager == nullptr || packages.empty()) return step;  // a check blocks this plan
  step.commands = {manager->stage(scope.node_facts(host).repository, scope.target.minor, packages)};
  step.params = {{"packages", packages_param(packages)}};
  return step;
}

Queries look_stage_packages(const Step& step, const Attempt& attempt) {
  return look_at_nothing(step, attempt);
}

Decision decide_stage_packages(const Step& step, const Attempt& attempt, const Answers&) {
  const CommandResult* last = ended(attempt, 0);
  if (last == nullptr) return run_unless_lost(attempt, 0);
  const std::string packages = name_packages(read_packages_param(step.param("packages")));
  if (!last->ok()) {
    return fail(step_failed(step, "downloading " + packages, *last), passing(*last));
  }
  if (last->out.starts_with("later:")) {
    return done("an interrupted dpkg is in the way: downloaded when they are installed");
  }
  return done(packages + " ready" + fetched(last->out));
}

}  // namespace drover::plans
