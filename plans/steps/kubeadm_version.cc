#include <fmt/format.h>

#include "inventory/base/text.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr std::string_view kRead = R"sh(set -eu
path=$(command -v kubeadm || :)
if [ -z "$path" ]; then
  echo 'E: there is no kubeadm in PATH' >&2
  exit 1
fi
echo "$(kubeadm version -o short) $path"
)sh";

}  // namespace

Step make_kubeadm_version(const Scope& scope, const Host& host) {
  Step step = scope.step(StepKind::KubeadmVersion, &host,
                         fmt::format("make sure that kubeadm is {}", scope.target.tag()),
                         "another kubeadm earlier in PATH would do another upgrade");
  step.timeout = std::chrono::minutes(2);
  step.params = {{"version", scope.target.tag()}};
  return step;
}

Queries look_kubeadm_version(const Step&, const Attempt&) {
  return {{Command{.script = std::string(kRead), .timeout = std::chrono::seconds(30)}}, {}};
}

Decision decide_kubeadm_version(const Step& step, const Attempt&, const Answers& answers) {
  if (auto decision = unreadable(step, answers, "asking kubeadm for its version")) return *decision;
  const std::string_view line = trim(answers.commands[0]->out);
  const size_t space = std::min(line.find(' '), line.size());
  const std::string version(line.substr(0, space));
  const std::string path = sanitise(trim(line.substr(space)), 200);
  if (version == step.param("version")) return done(fmt::format("{} is {}", path, version));
  Error error;
  error.kind = ErrorKind::Command;
  error.host = step.host;
  error.message = fmt::format("{}: {} is {}, not {}", step.host, path.empty() ? "kubeadm" : path,
                              sanitise(version, 40), step.param("version"));
  error.remedy = fmt::format(
      "remove the kubeadm on {} that does not come from the package, then "
      "`drover resume`",
      step.host);
  return fail(error);
}

}  // namespace drover::plans
