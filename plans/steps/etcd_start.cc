#include <fmt/format.h>

#include "plans/etcd/given.h"
#include "plans/etcd/static_pods.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

const std::vector<std::string> kEtcdOnly = {"etcd"};

}  // namespace

Step make_etcd_start(const Scope& scope, const Restore& restore, const RestoreMember& member) {
  Step step = scope.step(StepKind::EtcdStart, member.host,
                         fmt::format("start etcd on {}", member.host->name),
                         "all members have their new data: none can meet one of the old cluster");
  step.commands = {put_back(restore, member, kEtcdOnly)};
  describe_static_pods(step, restore, kEtcdOnly);
  describe_given(step, restore, member, kEtcdOnly);
  step.timeout = std::chrono::minutes(5);
  step.estimate = std::chrono::seconds(5);
  return step;
}

Queries look_etcd_start(const Step& step, const Attempt&) {
  return {{look_at_static_pods(step)}, {}};
}

Decision decide_etcd_start(const Step& step, const Attempt& attempt, const Answers& answers) {
  return decide_put_back(step, attempt, answers, fmt::format("etcd runs on {}", step.host));
}

}  // namespace drover::plans
