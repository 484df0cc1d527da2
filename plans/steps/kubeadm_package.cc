#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"

namespace drover::plans {

Step make_kubeadm_package(const Scope& scope, const Host& host) {
  return make_package_step(
      scope, host,
      scope.step(StepKind::KubeadmPackage, &host, "",
                 "each minor is upgraded by its own kubeadm; the kubelet is not touched yet"),
      {"kubeadm"});
}

Queries look_kubeadm_package(const Step& step, const Attempt& attempt) {
  return look_packages(step, attempt);
}

Decision decide_kubeadm_package(const Step& step, const Attempt& attempt, const Answers& answers) {
  return decide_packages(step, attempt, answers);
}

}  // namespace drover::plans
