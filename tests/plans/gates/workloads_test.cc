#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/gate_answers.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

constexpr const char* kDeployments = "/apis/apps/v1/namespaces/default/deployments";
constexpr const char* kStatefulSets = "/apis/apps/v1/namespaces/db/statefulsets";

Workload workload(const std::string& kind, const std::string& ns, const std::string& name,
                  int wanted, int available) {
  return {.kind = kind,
          .ns = ns,
          .name = name,
          .wanted = wanted,
          .updated = wanted,
          .available = available,
          .observed = true};
}

struct WorkloadsCase {
  Hop hop;
  GateWorld world = quiet_world();
  Attempt attempt;

  WorkloadsCase(const std::string& before, std::vector<Workload> deployments,
                std::vector<Workload> stateful) {
    attempt.earlier["v1.34/w1/cordon"] = {{"was:workloads", before}};
    world.paths[kDeployments] = ok(list_of("Deployment", deployments));
    world.paths[kStatefulSets] = ok(list_of("StatefulSet", stateful));
  }
  std::string look() {
    return summary(world.rounds(make_settled(hop.scope(), hop.host("w1")), attempt));
  }
};

}  // namespace

TEST_CASE("what had pods on the node must be as available as before its drain") {
  const char* held = "wait: it to stay so for 10 s";
  struct Row {
    const char* before;
    std::vector<Workload> deployments;
    std::vector<Workload> stateful;
    std::string told;
  };
  const auto web = [](int wanted, int available) {
    return workload("Deployment", "default", "web", wanted, available);
  };
  const auto db = [](int wanted, int available) {
    return workload("StatefulSet", "db", "pg", wanted, available);
  };
  const Row rows[] = {
      {"-", {}, {}, held},
      {"deployment/default/web=3", {web(3, 3)}, {}, held},
      {"deployment/default/web=3", {web(3, 2)}, {}, "wait: default/web (2 of 3 available)"},
      // Old damage is not waited for, new damage beside it is.
      {"deployment/default/web=2", {web(3, 2)}, {}, held},
      {"deployment/default/web=2", {web(3, 1)}, {}, "wait: default/web (1 of 2 available)"},
      {"deployment/default/web=0", {web(3, 0)}, {}, held},
      // It was scaled since: down to what it wants, and up for no more than it had.
      {"deployment/default/web=3", {web(1, 1)}, {}, held},
      {"deployment/default/web=3", {web(9, 3)}, {}, held},
      {"deployment/default/web=3", {web(0, 0)}, {}, held},
      // It was taken away since.
      {"deployment/default/web=3", {}, {}, held},
      // What had no pod there is none of this node's business.
      {"deployment/default/web=3",
       {web(3, 3), workload("Deployment", "default", "else", 3, 0)},
       {},
       held},
      {"statefulset/db/pg=3", {}, {db(3, 2)}, "wait: db/pg (2 of 3 available)"},
      {"deployment/default/web=3 statefulset/db/pg=1",
       {web(3, 1)},
       {db(1, 0)},
       "wait: default/web (1 of 3 available), db/pg (0 of 1 available)"},
  };
  for (const Row& row : rows) {
    INFO(row.before << " " << row.told);
    WorkloadsCase one(row.before, row.deployments, row.stateful);
    CHECK(one.look() == row.told);
  }
}

TEST_CASE("without marks there is nothing to compare with") {
  WorkloadsCase one("", {}, {});
  one.world.paths.erase(kDeployments);  // and nothing is asked
  CHECK(one.look() == "wait: it to stay so for 10 s");
}

TEST_CASE("a refused list fails the gate and says which") {
  WorkloadsCase one("deployment/default/web=3", {}, {});
  one.world.paths[kDeployments] = refusal(403, "Forbidden", "no");
  CHECK(one.look() == "fail: cannot list deployments: HTTP 403 Forbidden, no");
}

}  // namespace drover::plans
