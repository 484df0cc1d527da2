#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

struct PreflightCase {
  PreflightCase() {
    for (Node& node : nodes) {
      if (!node.is_control_plane()) node.taints = {std::string(kPendingTaint)};
    }
  }
  Hop hop;
  std::string version = "v1.33.13";
  std::vector<Node> nodes = hop.facts.nodes;
  std::vector<Pod> pods = {hop.facts.pods.begin(), hop.facts.pods.begin() + 4};

  Step step() const {
    Step step = make_preflight(hop.scope());
    step.params.erase("baselines");  // a test of their own: gates/baseline_test.cc
    return step;
  }
  std::vector<Result<ApiResponse>> answers() const {
    return {ok("ok"), ok(R"({"major":"1","gitVersion":")" + version + R"("})"),
            ok(list_of("Node", nodes)), ok(list_of("Pod", pods))};
  }
  std::string decide() const { return summary(decide_once(step(), {}, answers())); }
};

}  // namespace

TEST_CASE("a well cluster passes the preflight, at the old version and at the new one") {
  PreflightCase one;
  CHECK(one.decide() == "done: 3 nodes Ready, control plane at v1.33.13");
  one.version = "v1.34.4";  // after a control plane that was upgraded already
  CHECK(one.decide() == "done: 3 nodes Ready, control plane at v1.34.4");
}

TEST_CASE("another version than planned with stops the run") {
  PreflightCase one;
  one.version = "v1.34.3";
  const Decision decision = decide_once(one.step(), {}, one.answers());
  const Fail& fail = std::get<Fail>(decision.next);
  CHECK(fail.error.kind == ErrorKind::Stale);
  CHECK(fail.error.message ==
        "the API server is v1.34.3 now; the plan was made for the way from v1.33.13 to v1.34.4");
}

TEST_CASE("a node that fell over since the plan is waited for") {
  PreflightCase one;
  one.nodes[1].ready = false;
  one.nodes[1].ready_reason = "NodeStatusUnknown";
  CHECK(one.decide() == "wait: node w1 to be Ready (NodeStatusUnknown)");
  one.nodes.erase(one.nodes.begin() + 2);
  CHECK(one.decide() ==
        "wait: node w1 to be Ready (NodeStatusUnknown), node w2 to be in the cluster");
}

TEST_CASE("a node that was not Ready when the plan was made is not waited for") {
  PreflightCase one;
  one.hop.facts.nodes[2].ready = false;
  one.nodes[2].ready = false;
  CHECK(one.step().param("not_ready_before") == "w2");
  CHECK(one.decide() == "done: 3 nodes Ready, control plane at v1.33.13");
}

TEST_CASE("a control-plane pod that is not Ready is waited for") {
  PreflightCase one;
  one.pods[0].ready = false;
  CHECK(one.decide() == "wait: kube-apiserver-cp1 to be Ready");
}

TEST_CASE("S18: an API that does not answer is waited for, a refusal is not") {
  PreflightCase one;
  auto answers = one.answers();
  answers[0] = refusal(500, "", "[-]etcd failed");
  CHECK(summary(decide_once(one.step(), {}, answers)) ==
        "wait: the API server: HTTP 500, [-]etcd failed");
  answers[0] = refusal(403, "Forbidden", "no");
  CHECK(summary(decide_once(one.step(), {}, answers)) ==
        "fail: cannot read /readyz: HTTP 403 Forbidden, no");
  answers = one.answers();
  answers[2] = ok("<html>");
  CHECK(summary(decide_once(one.step(), {}, answers)).rfind("fail: ", 0) == 0);
}

}  // namespace drover::plans
