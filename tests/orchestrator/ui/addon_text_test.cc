#include "orchestrator/ui/addon_text.h"

#include <catch2/catch.hpp>

namespace drover::orchestrator {

TEST_CASE("what became of objects, as text and for programs") {
  const std::vector<Changed> all = {{"Service kube-system/metrics-server", Change::Created},
                                    {"Thing a\x1b", Change::LeftAlone},
                                    {"Thing b", Change::Absent}};
  CHECK(changed_text(all[0]) == "Service kube-system/metrics-server created\n");
  CHECK(changed_text(all[1]).find('\x1b') == std::string::npos);
  CHECK(changed_text(all[2]) == "Thing b was not there\n");
  CHECK(changed_json("prod", {all[0]}, false) ==
        R"({"v":1,"kind":"Applied","cluster":"prod","complete":false,"items":[)"
        R"({"object":"Service kube-system/metrics-server","change":"created"}]})"
        "\n");
}

TEST_CASE("how metrics-server is, as text and for programs") {
  plans::MetricsServerState state;
  CHECK(metrics_server_text(state).find("is not installed: drover addon metrics-server install") !=
        std::string::npos);
  state.deployment =
      Workload{.images = {"r/ms:1"}, .wanted = 1, .updated = 1, .available = 1, .observed = true};
  state.service = ApiService{.available = false, .reason = "MissingEndpoints"};
  state.nodes = {"a", "b", "c"};
  CHECK(metrics_server_text(state) ==
        "Deployment  1 of 1 pods available, r/ms:1\n"
        "APIService  not available: MissingEndpoints\n"
        "Metrics     of 0 of 3 nodes\n"
        "metrics-server is not well: its APIService is not available: MissingEndpoints.\n");
  state.service->available = true;
  for (const std::string& node : state.nodes) state.measured.push_back({node, "", {}});
  CHECK(metrics_server_text(state).ends_with("metrics-server is well.\n"));
  CHECK(
      metrics_server_json("prod", state) ==
      R"({"v":1,"kind":"MetricsServer","cluster":"prod","installed":true,"image":"r/ms:1",)"
      R"("pods":1,"available":1,"api_service":true,"nodes":3,"measured":3,"not_ready":[],"missing":""})"
      "\n");
  CHECK(changed_json("prod", {}, true, &state).find(R"("items":[],"state":{"installed":true,)") !=
        std::string::npos);
  state.not_ready = {"d\x1b", "e", "f", "g", "h", "i", "j"};
  CHECK(metrics_server_text(state).find(
            "Metrics     of 3 of 3 nodes; not ready: d\\x1b, e, f, g, h and 2 more\n") !=
        std::string::npos);
  CHECK(metrics_server_json("prod", state).find(R"("not_ready":["d\\x1b","e",)") !=
        std::string::npos);
}

}  // namespace drover::orchestrator
