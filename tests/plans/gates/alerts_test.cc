#include "plans/gates/alerts.h"

#include <catch2/catch.hpp>

#include "plans/gates/gate.h"
#include "plans/steps/catalogue.h"
#include "tests/support/gate_answers.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

struct AlertsCase {
  Hop hop;
  GateWorld world = quiet_world();
  Attempt attempt;

  explicit AlertsCase(Result<ApiResponse> page) {
    hop.upgrade.health.prometheus =
        PrometheusPolicy{"https://prom.example/base", {"ShopDown", "EtcdSlow"}};
    hop.upgrade.health.settle = std::chrono::seconds{0};
    hop.upgrade.health.consecutive = 1;
    world.page = std::move(page);
  }
  Step step() const { return make_settled(hop.scope(), hop.host("w1")); }
  std::string look() { return summary(world.rounds(step(), attempt)); }
};

Result<ApiResponse> page(int status, std::string body) {
  ApiResponse answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

// As Prometheus 2.53 prints it.
std::string firing(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    list += (list.empty() ? "" : ",") +
            (R"({"metric":{"__name__":"ALERTS","alertname":")" + name +
             R"(","alertstate":"firing","severity":"critical"},"value":[1795382048.781,"1"]})");
  }
  return R"({"status":"success","data":{"resultType":"vector","result":[)" + list + "]}}";
}

}  // namespace

TEST_CASE("alerts that the plan file names hold the roll-out up, others do not") {
  const std::string at = "Prometheus at https://prom.example/base";
  struct Row {
    Result<ApiResponse> page;
    std::string told;
  };
  const Error away{.kind = ErrorKind::Unreachable, .message = "no connection: refused"};
  const Error untrusted{.kind = ErrorKind::Authentication,
                        .message = "the server's certificate is not accepted: x"};
  for (const Row& row : {
           Row{page(200, firing({})), "done: w1 Ready for 0s"},
           Row{page(200, firing({"Watchdog"})), "done: w1 Ready for 0s"},
           Row{page(200, firing({"Watchdog", "ShopDown"})), "wait: alert ShopDown to stop firing"},
           Row{page(200, firing({"EtcdSlow", "ShopDown", "ShopDown"})),
               "wait: alert ShopDown, alert EtcdSlow to stop firing"},
           // Silence of the server is no silence of the alerts, and may pass.
           Row{away, "wait: " + at + " to answer (no connection: refused)"},
           Row{page(503, "starting"), "wait: " + at + " to answer (HTTP 503)"},
           Row{page(429, ""), "wait: " + at + " to answer (HTTP 429)"},
           // These do not pass by themselves.
           Row{untrusted, "fail: " + at + ": the server's certificate is not accepted: x"},
           Row{page(401, "Unauthorized"), "fail: " + at + ": HTTP 401"},
           Row{page(404, "no"), "fail: " + at + ": HTTP 404"},
           Row{page(302, ""), "fail: " + at + ": HTTP 302"},
           Row{page(200, "<html>"), "fail: " + at + ": its answer is no JSON"},
           Row{page(200, R"({"status":"error","error":"query timed out"})"),
               "fail: " + at + ": it could not answer: query timed out"},
           Row{page(200, R"({"status":"success","data":{"result":7}})"),
               "fail: " + at + ": its answer is not one to that"},
       }) {
    AlertsCase one(row.page);
    const std::string told = one.look();
    INFO(told);
    CHECK(told.starts_with(row.told));
  }
}

TEST_CASE("the question is the same for all servers that speak PromQL") {
  AlertsCase one(page(200, firing({})));
  const Queries queries = gate_queries(one.step(), {});
  REQUIRE(queries.pages.size() == 1);
  CHECK(queries.pages[0].url ==
        "https://prom.example/base/api/v1/query?query=ALERTS%7Balertstate%3D%22firing%22%7D");
  CHECK(queries.pages[0].token.empty());
}

TEST_CASE("S13: of a token only its place is in a step") {
  AlertsCase one(page(200, firing({})));
  one.hop.upgrade.health.prometheus->token = {
      SecretSource::Kind::Command, "k", "", {"pass", "show prom"}};
  CHECK(one.step().param("prometheus.token") == "command:pass,show%20prom");
  CHECK(gate_queries(one.step(), {}).pages[0].token == "command:pass,show%20prom");
  CHECK(tokens_of({one.step(), one.step(), make_cordon(one.hop.scope(), one.hop.host("w1"))}) ==
        std::vector<std::string>{"command:pass,show%20prom"});
}

}  // namespace drover::plans
