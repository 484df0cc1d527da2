#include "orchestrator/told_api.h"

#include <catch2/catch.hpp>

#include "tests/support/fake_ports.h"
#include "tests/support/kube_json.h"

namespace drover::orchestrator {
namespace {

using Lines = std::vector<std::string>;

struct Heard final : EvictionSink {
  void evicting(const std::string& node, const std::string& pod_with, bool deletes) override {
    lines.push_back(node + (deletes ? ": deleting " : ": evicting ") + pod_with);
  }
  void not_evicted(const std::string&, const std::string& pod_with,
                   const std::string& why) override {
    lines.push_back("not " + pod_with + ": " + why);
  }
  void gone(const std::string&, const std::string& pod_with, bool deleted) override {
    lines.push_back((deleted ? "deleted " : "evicted ") + pod_with);
  }
  Lines lines;
};

ApiRequest eviction(const std::string& pod_with, const std::string& uid) {
  return {.verb = Verb::Post,
          .path = "/api/v1/namespaces/default/pods/" + pod_with + "/eviction",
          .body = R"({"deleteOptions":{"preconditions":{"uid":")" + uid + R"("}}})"};
}

Pod pod_with(const std::string& name, const std::string& uid) {
  Pod made;
  made.ns = "default";
  made.name = name;
  made.uid = uid;
  return made;
}

struct ToldApiWorld {
  test::FakeApi api;
  Heard heard;
  ToldApi told{"w1", api, api, {&heard}};
  std::vector<Pod> pods;

  ToldApiWorld() {
    api.on_get = [this](const ApiRequest&) { return test::ok(test::list_of("Pod", pods)); };
  }
  void look(const std::string& path = "/api/v1/pods?fieldSelector=spec.nodeName%3Dw1") {
    CHECK(told.get({.path = path}, {}));
  }
};

}  // namespace

TEST_CASE("an eviction is told when it is sent, and again when its pod_with is gone",
          "[told-api]") {
  ToldApiWorld world;
  world.pods = {pod_with("a", "1"), pod_with("b", "2")};
  world.api.on_send = [](const ApiRequest&) { return test::ok("{}"); };
  CHECK(world.told.send(eviction("a", "1"), {}));
  world.look();
  CHECK(world.heard.lines == Lines{"w1: evicting default/a"});
  world.pods = {pod_with("a", "3"), pod_with("b", "2")};  // another by its name
  world.look("/api/v1/nodes/w1");
  CHECK(world.heard.lines.size() == 1);
  world.look();
  world.look();
  CHECK(world.heard.lines == Lines{"w1: evicting default/a", "evicted default/a"});
  CHECK(world.api.sent == std::vector<ApiRequest>{eviction("a", "1")});
}

TEST_CASE("a refusal is told in the server's words, and a pod_with that is not there is gone",
          "[told-api]") {
  ToldApiWorld world;
  world.api.on_send = [](const ApiRequest& request) {
    if (request.path.find("/a/") != std::string::npos) {
      return test::refusal(429, "TooManyRequests", "Cannot evict pod", "DisruptionBudget");
    }
    return request.path.find("/b/") != std::string::npos
               ? test::refusal(404, "NotFound", "no such pod")
               : test::no_answer("connection reset");
  };
  CHECK(world.told.send(eviction("a", "1"), {}));
  CHECK(world.told.send(eviction("b", "2"), {}));
  CHECK(!world.told.send(eviction("c", "3"), {}));
  world.look();
  CHECK(world.heard.lines == Lines{"w1: evicting default/a", "not default/a: Cannot evict pod",
                                   "w1: evicting default/b", "evicted default/b",
                                   "w1: evicting default/c", "not default/c: connection reset"});
}

TEST_CASE("a deletion in place of an eviction is told as one, other requests not at all",
          "[told-api]") {
  ToldApiWorld world;
  world.api.on_send = [](const ApiRequest&) { return test::ok("{}"); };
  CHECK(world.told.send({.verb = Verb::Delete,
                         .path = "/api/v1/namespaces/default/pods/a",
                         .body = R"({"preconditions":{"uid":"1"}})"},
                        {}));
  CHECK(world.told.send({.verb = Verb::Patch, .path = "/api/v1/nodes/w1", .body = "{}"}, {}));
  world.look();
  CHECK(world.heard.lines == Lines{"w1: deleting default/a", "deleted default/a"});
}

}  // namespace drover::orchestrator
