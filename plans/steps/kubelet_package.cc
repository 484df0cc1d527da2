#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"

namespace drover::plans {

Step make_kubelet_package(const Scope& scope, const Host& host) {
  return make_package_step(
      scope, host,
      scope.step(StepKind::KubeletPackage, &host, "",
                 "the kubelet follows the control plane; it changes minor only on a drained node, "
                 "because the unit may start the new one at any time"),
      {"kubelet", "kubectl"});
}

Queries look_kubelet_package(const Step& step, const Attempt& attempt) {
  return look_packages(step, attempt);
}

Decision decide_kubelet_package(const Step& step, const Attempt& attempt, const Answers& answers) {
  return decide_packages(step, attempt, answers);
}

}  // namespace drover::plans
