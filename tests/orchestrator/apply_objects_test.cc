#include "orchestrator/apply_objects.h"

#include <catch2/catch.hpp>
#include <deque>
#include <map>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_ports.h"

namespace drover::orchestrator {
namespace {

/// Config maps by path, with versions; answers that are to come first may be put in front.
class World {
 public:
  World() {
    api.on_get = [this](const ApiRequest& request) -> Result<ApiResponse> {
      if (request.path == "/api/v1") return ApiResponse{.status = 200, .body = resources};
      if (request.path == "/apis/example.com/v1") return things();
      const auto found = objects.find(request.path);
      if (found == objects.end()) return ApiResponse{.status = 404, .body = "{}"};
      return ApiResponse{.status = 200, .body = found->second};
    };
    api.on_send = [this](const ApiRequest& request) -> Result<ApiResponse> {
      sent.push_back(request);
      if (!first.empty()) {
        const Result<ApiResponse> answer = first.front();
        first.pop_front();
        return answer;
      }
      const std::string path = request.path.substr(0, request.path.find('?'));
      if (request.verb == Verb::Delete) {
        objects.erase(path);
        return ApiResponse{.status = 200, .body = "{}"};
      }
      const bool there = objects.count(path) > 0;
      const bool changes = !there || objects[path].find(request.body) == std::string::npos;
      if (changes) objects[path] = object(request.body, ++version);
      return ApiResponse{.status = there ? 200 : 201, .body = objects[path]};
    };
  }

  static std::string object(const std::string& text, int version) {
    return R"({"metadata":{"name":"c","uid":"u","labels":{"k8s-app":"ms"},"resourceVersion":")" +
           std::to_string(version) + R"("},"text":")" + text + "\"}";
  }

  Status apply(const std::vector<Manifest>& manifests, bool force = false) {
    return writer().apply(manifests, force, {});
  }
  Status remove(const std::vector<Manifest>& manifests, const std::string& label) {
    return writer().remove(manifests, label, {});
  }

  test::FakeApi api;
  test::FakeClock clock;
  std::map<std::string, std::string> objects;
  std::deque<Result<ApiResponse>> first;
  std::vector<ApiRequest> sent;
  std::string shown;
  std::string told;
  int version = 0;
  int until_defined = 0;  ///< looks at the group example.com until it is there
  std::string resources =
      R"({"kind":"APIResourceList","resources":[{"kind":"ConfigMap","name":"configmaps","namespaced":true}]})";

 private:
  ObjectWriter writer() {
    return ObjectWriter(
        api, api, clock, "default",
        [this](const Changed& changed) {
          shown += changed.object + " " + std::string(change_name(changed.change)) + "; ";
        },
        [this](const std::string& text) { told += text + "; "; });
  }

  Result<ApiResponse> things() {
    if (until_defined-- > 0) return ApiResponse{.status = 404, .body = "404 page not found"};
    return ApiResponse{
        .status = 200,
        .body =
            R"({"kind":"APIResourceList","resources":[{"kind":"Thing","name":"things","namespaced":false}]})"};
  }
};

Manifest config(const std::string& text) {
  return {.api_version = "v1", .kind = "ConfigMap", .name = "c", .ns = "", .text = text};
}

constexpr const char* kPath = "/api/v1/namespaces/default/configmaps/c";

}  // namespace

TEST_CASE("applied, applied again, and applied with a change") {
  World world;
  REQUIRE(world.apply({config("one")}));
  REQUIRE(world.apply({config("one")}));
  REQUIRE(world.apply({config("two")}, true));
  CHECK(world.shown == "ConfigMap c created; ConfigMap c unchanged; ConfigMap c configured; ");
  CHECK(world.sent[0].path == std::string(kPath) + "?fieldManager=drover");
  CHECK(world.sent[2].path.ends_with("&force=true"));
}

TEST_CASE("S4: what may have been lost is looked for before it is sent again") {
  World world;
  world.first = {Error{.kind = ErrorKind::Unknown, .message = "cut"}};
  REQUIRE(world.apply({config("one")}));
  CHECK(world.sent.size() == 2);
  CHECK(world.shown == "ConfigMap c created; ");
  world.first = {Error{.kind = ErrorKind::Unknown}, Error{.kind = ErrorKind::Unknown},
                 Error{.kind = ErrorKind::Unknown, .message = "cut"}};
  const Status given_up = world.apply({config("two")});
  REQUIRE_FALSE(given_up);
  CHECK(given_up.error().kind == ErrorKind::Unknown);
  CHECK(world.sent.size() == 5);
}

TEST_CASE("what the server refuses stops it, with its words") {
  World world;
  const ApiResponse fields{.status = 409, .body = R"({"kind":"Status","message":
    "conflict with \"helm\": .data.x","details":{"causes":[{"reason":"FieldManagerConflict"}]}})"};
  const ApiResponse version{.status = 409, .body = R"({"kind":"Status","message":"modified"})"};
  world.first = {fields};
  const Status conflict = world.apply({config("one"), config("two")});
  REQUIRE_FALSE(conflict);
  CHECK(conflict.error().kind == ErrorKind::Refused);
  CHECK(conflict.error().message ==
        "ConfigMap c: the API server refuses it: conflict with \"helm\": .data.x");
  CHECK(conflict.error().remedy.find("--force-conflicts") != std::string::npos);
  CHECK(world.sent.size() == 1);
  CHECK(world.shown.empty());
  // The advice is none where it is followed already, nor where no fields are the cause.
  world.first = {fields};
  CHECK(world.apply({config("one")}, true).error().remedy.find("--force-conflicts") ==
        std::string::npos);
  world.first = {version};
  CHECK(world.apply({config("one")}).error().remedy ==
        "leave metadata.resourceVersion and metadata.uid out of the file");
}

TEST_CASE("a kind that has just been defined is waited for, and not for ever") {
  World world;
  world.resources =
      R"({"kind":"APIResourceList","resources":[{"kind":"Definition","name":"definitions"}]})";
  const Manifest definition{.api_version = "v1",
                            .kind = "Definition",
                            .name = "d",
                            .text = "d",
                            .defines = {"example.com/v1/Thing", "example.com/v1/Other"}};
  const Manifest thing{.api_version = "example.com/v1", .kind = "Thing", .name = "c", .text = "t"};
  world.until_defined = 5;
  REQUIRE(world.apply({definition, thing}));
  CHECK(world.sent.back().path == "/apis/example.com/v1/things/c?fieldManager=drover");
  CHECK(world.told == "waiting for the API to have the kind Thing in example.com/v1; ");
  const Manifest other{.api_version = "example.com/v1", .kind = "Other", .name = "c", .text = "t"};
  const Status none = world.apply({definition, other});
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::Refused);
  CHECK(none.error().message ==
        "30s after its definition was applied, the API has no kind Other in example.com/v1");
}

TEST_CASE("a kind that nobody defines is refused before the first write") {
  World world;
  const Manifest other{.api_version = "example.com/v1", .kind = "Other", .name = "c", .text = "t"};
  const Status none = world.apply({config("one"), other});
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::Refused);
  CHECK(none.error().message == "Other c: the API has no kind Other in example.com/v1");
  CHECK(world.sent.empty());
  CHECK(world.told.empty());
}

TEST_CASE("of a kind that is not known there is nothing to remove") {
  World world;
  world.objects[kPath] = World::object("x", 1);
  const Manifest other{.api_version = "example.com/v1", .kind = "Other", .name = "c"};
  REQUIRE(world.remove({other, config("")}, "ms"));
  CHECK(world.shown == "Other c absent; ConfigMap c deleted; ");
  CHECK(world.clock.now() == remote::Instant());
}

TEST_CASE("only what has the label is removed, by its UID") {
  World world;
  world.objects[kPath] = World::object("x", 1);
  REQUIRE(world.remove({config("")}, "other"));
  CHECK(world.shown == "ConfigMap c left-alone; ");
  CHECK(world.sent.empty());
  world.shown.clear();
  world.first = {Error{.kind = ErrorKind::Unknown}};
  REQUIRE(world.remove({config("")}, "ms"));
  REQUIRE(world.remove({config("")}, "ms"));
  CHECK(world.shown == "ConfigMap c deleted; ConfigMap c absent; ");
  CHECK(world.sent.back().body.find(R"("uid":"u")") != std::string::npos);
}

}  // namespace drover::orchestrator
