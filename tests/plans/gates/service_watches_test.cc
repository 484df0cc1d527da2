#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/gate_answers.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

constexpr const char* kMetrics = "/metrics";

std::string metrics_text(int slices, int services) {
  const auto line = [](const char* resource, int watches) {
    return fmt::format(
        R"(apiserver_longrunning_requests{{resource="{}",scope="cluster",verb="WATCH"}} {})"
        "\n",
        resource, watches);
  };
  return line("endpointslices", slices) + line("services", services);
}

// The only control plane after its upgrade; the preflight saw 6 watches of the one and 11 of the
// other.
struct After {
  Hop hop;
  GateWorld world = quiet_world();
  Attempt attempt;

  explicit After(const std::string& marks = "endpointslices=6 services=11") {
    world.paths["/api/v1/nodes/cp1"] = ok(json_of(Node{.name = "cp1", .ready = true}));
    if (!marks.empty())
      attempt.earlier["v1.34/cluster/preflight"] = {{"was:service-watches", marks}};
    watches(6, 11);
  }
  Step step(const char* host = "cp1") const { return make_settled(hop.scope(), hop.host(host)); }
  void watches(int slices, int services) {
    world.paths[kMetrics] = ok(metrics_text(slices, services));
  }
  Decision at(double second) {
    attempt.elapsed = Seconds{second};
    return world.rounds(step(), attempt);
  }
  bool asks(const char* host = "cp1") const {
    for (const ApiRequest& request : look_settled(step(host), attempt).requests) {
      if (request.path == kMetrics) return true;
    }
    return false;
  }
};

constexpr const char* kHeld = "wait: it to stay so for 10 s";

}  // namespace

TEST_CASE("S8: after the only API server was away its watches are to be as many as before") {
  struct Row {
    int slices;
    int services;
    std::string told;
  };
  for (const Row& row :
       {Row{6, 11, kHeld}, Row{7, 12, kHeld},
        Row{4, 11, std::string(kHeld) + ", watches of EndpointSlices to come back (4 of 6)"},
        Row{7, 9, std::string(kHeld) + ", watches of Services to come back (9 of 11)"}}) {
    INFO(row.slices << " and " << row.services);
    After after;
    after.watches(row.slices, row.services);
    CHECK(summary(after.at(0)) == row.told);
  }
}

TEST_CASE("the node settles while the watches are awaited") {
  After after;
  after.watches(5, 11);
  after.at(0);
  CHECK(summary(after.at(12)) == "wait: watches of EndpointSlices to come back (5 of 6)");
  after.watches(6, 11);
  CHECK(summary(after.at(13)) == "done: cp1 Ready for 10s");
}

TEST_CASE("what a newer control plane watches besides is awaited too") {
  After after;
  after.attempt.earlier["v1.34/cp1/cordon"] = {
      {"was:service-watches", "endpointslices=7 services=10"}};
  CHECK(summary(after.at(0)) ==
        std::string(kHeld) + ", watches of EndpointSlices to come back (6 of 7)");
  after.watches(7, 10);
  CHECK(summary(after.at(1)) ==
        std::string(kHeld) + ", watches of Services to come back (10 of 11)");
}

TEST_CASE("the cordon marks what the metrics say, and that it may not read them") {
  const Hop hop;
  GateWorld world = quiet_world();
  world.paths["/api/v1/nodes/cp1"] = ok(json_of(Node{.name = "cp1", .ready = true}));
  world.paths["/api/v1/pods?fieldSelector=spec.nodeName%3Dcp1"] = none_of("Pod");
  const Step step = make_cordon(hop.scope(), hop.host("cp1"));
  const auto marked = [&](Result<ApiResponse> answer) {
    world.paths[kMetrics] = std::move(answer);
    Attempt attempt;
    attempt.run = "run-1";
    return world.rounds(step, attempt).remember["was:service-watches"];
  };
  CHECK(marked(ok(metrics_text(7, 10))) == "endpointslices=7 services=10");
  CHECK(marked(ApiResponse{403, "", {}}) == "unseen=1");
}

TEST_CASE("once they are back, or were not marked, the metrics are not asked for any more") {
  After after;
  CHECK(after.asks());
  after.at(0);
  CHECK_FALSE(after.asks());
  CHECK_FALSE(After("").asks());    // a run of before there was this condition
  CHECK_FALSE(After().asks("w1"));  // takes no API server away
  CHECK(summary(After("").at(0)) == kHeld);
}

TEST_CASE("a watch that nobody wants any more is given up after a minute and a half, and told") {
  After after;
  after.watches(5, 11);
  after.at(0);
  CHECK(summary(after.at(89)) == "wait: watches of EndpointSlices to come back (5 of 6)");
  const Decision decision = after.at(90);
  CHECK(summary(decision) == "done: cp1 Ready for 10s");
  REQUIRE(decision.notices.size() == 1);
  CHECK(decision.notices.front().code == "watches-missing");
  CHECK(decision.notices.front().message ==
        "waited 90 s in vain for watches of EndpointSlices to come back (5 of 6): "
        "whoever still wanted one has asked for it again by then");
}

TEST_CASE("without the right to read the metrics the time passes in which all ask again") {
  After after("unseen=1");
  CHECK_FALSE(after.asks());
  after.at(0);
  CHECK(summary(after.at(20)) == "wait: 90 s to pass, in which kube-proxy asks the API again");
  const Decision decision = after.at(90);
  CHECK(summary(decision) == "done: cp1 Ready for 10s");
  CHECK(decision.notices.empty());
}

TEST_CASE("metrics that cannot be read any more hold a gate up no longer than the time") {
  After after;
  after.world.paths[kMetrics] = ok("# nothing of use\n");
  after.at(0);
  CHECK(summary(after.at(20)).starts_with("wait: watches of EndpointSlices"));
  CHECK(summary(after.at(90)) == "done: cp1 Ready for 10s");
}

TEST_CASE("only of a single control plane are the watches marked") {
  Hop hop;
  const auto marked = [&] {
    return make_preflight(hop.scope()).param("baselines") + " | " +
           make_cordon(hop.scope(), hop.host("cp1")).param("baselines");
  };
  CHECK(marked() == "budgets webhooks api-services service-watches | workloads service-watches");
  Host second = hop.host("cp1");
  second.name = second.node = "cp2";
  hop.inventory.hosts.push_back(second);
  CHECK(marked() == "budgets webhooks api-services | workloads");
}

}  // namespace drover::plans
