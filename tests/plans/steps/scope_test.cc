#include "plans/steps/scope.h"

#include <catch2/catch.hpp>

#include "tests/support/step_kind.h"

namespace drover::plans {

TEST_CASE("a revision is looked up: offered there, of the target, and only if it is installed") {
  test::Hop hop;
  NodeFacts& w1 = hop.facts.hosts.at("w1");
  w1.offered["kubelet"] = {"1.34.5-1.1", "1.34.4-2.1", "1.34.4-1.1", "junk"};
  w1.offered["kubectl"] = {"1.34.3-1.1"};
  w1.installed.erase("kubeadm");
  const Host& host = hop.host("w1");
  CHECK(hop.scope().revision(host, "kubelet") == "1.34.4-2.1");
  CHECK(hop.scope().revision(host, "kubectl").empty());
  CHECK(hop.scope().revision(host, "kubeadm").empty());
  CHECK(hop.scope().revision(host, "containerd").empty());
  w1.installed["containerd"] = "1.6";
  CHECK(hop.scope().revision(host, "containerd").empty());
}

TEST_CASE("a step's id is hop, host and kind; a step of the cluster names no host") {
  test::Hop hop;
  const Step drain = hop.scope().step(StepKind::Drain, &hop.host("w1"), "drain w1", "because");
  CHECK(drain.id == "v1.34/w1/drain");
  CHECK(drain.kind == StepKind::Drain);
  CHECK(drain.node == "w1");
  CHECK(drain.host == "w1");
  CHECK(drain.title == "drain w1");
  CHECK(drain.why == "because");
  CHECK_FALSE(drain.mutates());
  const Step verify = hop.scope().step(StepKind::Verify, nullptr, "verify", "");
  CHECK(verify.id == "v1.34/cluster/verify");
  CHECK(verify.node.empty());
  CHECK(verify.host.empty());
}

TEST_CASE("every kind stands in the table at its own place") {
  for (size_t i = 0; i < all_kinds().size(); ++i) {
    const auto kind = static_cast<StepKind>(i);
    CHECK(kind_of(kind).kind == kind);
    CHECK_FALSE(kind_of(kind).name.empty());
  }
  CHECK(all_kinds().back().kind == StepKind::StaticPodsRestart);
}

TEST_CASE("a parameter that a step does not have is empty") {
  Step step;
  step.params = {{"a", "1"}};
  CHECK(step.param("a") == "1");
  CHECK(step.param("b").empty());
}

}  // namespace drover::plans
