#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "examples/sandbox/api/route.h"
#include "tests/sandbox/api_bed.h"
#include "tests/sandbox/read_fields.h"
#include "tests/support/source_dir.h"

// Each exchange that was recorded with a real API server (tests/cluster/record_api.py) is had once
// more with the sandbox's, in the same scene: the status is the same, and so is, of the body, all
// that Drover reads.
namespace drover::test {
namespace {

using nlohmann::json;
using Values = std::map<std::string, std::string>;

constexpr const char* kLock = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/drover";
constexpr const char* kMap = "/api/v1/namespaces/default/configmaps/applied";
constexpr const char* kNobodys = "11111111-2222-4333-8444-555555555555";  // a UID

struct Recording {
  std::string name;
  json content;
};

std::vector<Recording> recordings() {
  std::vector<Recording> all;
  const std::string folder = source_dir() + "/examples/sandbox/recorded/api";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path());
    all.push_back({entry.path().stem(), json::parse(file)});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

/// The sandbox's API, brought into the scene of a recording.
class Stage {
 public:
  explicit Stage(const std::string& scene) {
    const std::map<std::string, std::function<void()>> scenes = {
        {"", [] {}},
        {"attached", [this] { attach(); }},
        {"webhooks", [this] { add_webhooks(); }},
        {"event", [this] { add_event(); }},
        {"metrics", [this] { add_metrics("add"); }},
        {"metrics silent", [this] { add_metrics("break"); }},
        {"autoscaler", [this] { add_autoscaler(); }},
        {"measured autoscaler", [this] { add_measured_autoscaler(); }},
        {"applied", [this] { apply_map(); }},
        {"applied by others", [this] { apply_map_of_others(); }},
        {"metrics-server", [this] { apply_metrics_server(); }},
        {"locked", [this] { create_lock(); }},
        {"cordoned",
         [this] {
           patch({{"unschedulable", true}}, cordon_mark());
         }},
        {"tainted", [this] { taint(); }},
        {"evicted", [this] { evict_one(); }},
        {"budget used up", [this] { evict_one(); }},
        {"two budgets", [this] { add_second_budget(); }},
        {"namespace going", [this] { let_namespace_go(); }},
    };
    scenes.at(scene)();
  }

  /// What stands here for the values of the recorded request.
  Values values(const json& recording) {
    Values here;
    for (const auto& [name, value] : recording.at("values").items()) {
      here[name] = value_of(name, value, recording);
    }
    return here;
  }

  ApiBed& bed() { return bed_; }

 private:
  std::string value_of(const std::string& name, const std::string& recorded,
                       const json& recording) {
    const std::string path = recording.at("request").at("path");
    if (name == "continue") return bed_.read("/api/v1/nodes?limit=2")["metadata"]["continue"];
    if (name == "old") return "1";
    if (name == "container") return a_pod("")["spec"]["containers"][0]["name"];
    if (name == "version" && path.starts_with("/api/v1/nodes")) return version_of(path);
    if (name == "version" && path.find("/events?") != path.npos) return before_event();
    if (name == "version") return lock_version(recorded);
    if (name == "uid" && recording.at("request").at("verb") == "DELETE" &&
        path.find("/pods/") == path.npos)
      return recorded == kNobodys ? recorded : object_uid(path, recorded);
    const json pod = recording.at("scene") == "evicted" ? evicted_ : a_pod(path);
    if (name == "pod") return pod["metadata"]["name"];
    if (name != "uid") throw std::runtime_error("nobody knows what {" + name + "} is");
    const bool real = recorded != kNobodys && recorded.size() == std::string(kNobodys).size();
    return real ? pod["metadata"]["uid"].get<std::string>() : recorded;
  }

  /// Of what is to be deleted; that of the recording where it is not there.
  std::string object_uid(const std::string& path, const std::string& recorded) {
    const auto found = bed_.get(path);
    return found->status == 200 ? json::parse(found->body)["metadata"]["uid"].get<std::string>()
                                : recorded;
  }

  std::string version_of(const std::string& path) {
    return bed_.read(path)["metadata"]["resourceVersion"];
  }

  std::string lock_version(const std::string& recorded) {
    const auto lock = bed_.get(kLock);
    if (lock->status == 404) return recorded;
    return json::parse(lock->body)["metadata"]["resourceVersion"];
  }

  json a_pod(const std::string& path) {
    const bool going = path.find("/namespaces/going/") != path.npos;
    if (going) return bed_.read("/api/v1/namespaces/going/pods/last");
    const json pods = bed_.read("/api/v1/pods?labelSelector=app%3Dweb");
    for (const json& pod : pods["items"])
      if (!pod["metadata"].contains("deletionTimestamp") && is_ready(pod)) return pod;
    throw std::runtime_error("no web pod");
  }

  static bool is_ready(const json& pod) {
    for (const json& condition : pod["status"]["conditions"])
      if (condition["type"] == "Ready") return condition["status"] == "True";
    return false;
  }

  void attach() {
    bed_.command({{"do", "pod"},
                  {"what", "add"},
                  {"name", "default/db"},
                  {"node", "w1"},
                  {"volume", "data"}});
  }

  // There are pods of the one service, and none of the other.
  void add_webhooks() {
    bed_.command({{"do", "webhook"}, {"what", "add"}, {"name", "default/web"}});
    bed_.command(
        {{"do", "webhook"}, {"what", "add"}, {"name", "default/none"}, {"kind", "Mutating"}});
  }

  void add_event() {
    bed_.command({{"do", "event"},
                  {"about", "Node w9"},
                  {"name", "recorded"},
                  {"type", "Warning"},
                  {"reason", "Recorded"},
                  {"count", 3},
                  {"text", "something was seen"}});
  }

  void add_metrics(const std::string& what) {
    bed_.command({{"do", "apiservice"}, {"what", what}, {"name", "v1beta1.metrics.k8s.io"}});
  }

  // Looked at by its controller, which finds no figures.
  void add_autoscaler() {
    const json cpu = {{"name", "cpu"},
                      {"target", {{"type", "Utilization"}, {"averageUtilization", 80}}}};
    make_autoscaler(
        {{"minReplicas", 4},
         {"maxReplicas", 6},
         {"metrics", {{{"type", "Resource"}, {"resource", cpu}}}},
         {"behavior",
          {{"scaleDown",
            {{"policies", {{{"type", "Pods"}, {"value", 1}, {"periodSeconds", 300}}}}}}}}});
  }

  void add_measured_autoscaler() {
    add_metrics("add");
    const json cpu = {{"name", "cpu"},
                      {"target", {{"type", "AverageValue"}, {"averageValue", "900m"}}}};
    make_autoscaler({{"minReplicas", 4},
                     {"maxReplicas", 6},
                     {"metrics", {{{"type", "Resource"}, {"resource", cpu}}}}});
  }

  void make_autoscaler(json spec) {
    spec["scaleTargetRef"] = {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "web"}};
    const json hpa = {{"apiVersion", "autoscaling/v2"},
                      {"kind", "HorizontalPodAutoscaler"},
                      {"metadata", {{"name", "web"}, {"namespace", "default"}}},
                      {"spec", std::move(spec)}};
    must(Verb::Post, "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", hpa, 201);
    bed_.pass(16);
  }

  void apply_map() {
    must(Verb::Patch, kMap + std::string("?fieldManager=drover"),
         {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", "applied"}}},
          {"data", {{"x", "one"}}}},
         201);
  }

  void apply_map_of_others() {
    apply_map();
    bed_.command({{"do", "edit"},
                  {"resource", "configmaps"},
                  {"name", "default/applied"},
                  {"fields", {{"data", {{"x", "three"}}}}}});
  }

  // Its objects as they were sent, and its pod ready.
  void apply_metrics_server() {
    for (const Recording& one : recordings()) {
      const json& request = one.content.at("request");
      if (one.name.starts_with("addon-") && request.at("verb") == "PATCH")
        must(Verb::Patch, request.at("path"), request.at("body"), 201);
    }
    bed_.pass(10);
  }

  void must(Verb verb, const std::string& path, const json& body, int status) {
    const auto answer = bed_.send(verb, path, body.dump());
    if (!answer || answer->status != status)
      throw std::runtime_error(path + ": " + (answer ? answer->body : answer.error().message));
  }

  std::string before_event() {
    const json events = bed_.read("/api/v1/events")["items"];
    const std::string version = events.at(0)["metadata"]["resourceVersion"];
    return std::to_string(std::stol(version) - 1);
  }

  void create_lock() {
    bed_.command({{"do", "lock"},
                  {"lease",
                   {{"spec",
                     {{"holderIdentity", "20261122T120000Z-abcd on here pid 1 since 1"},
                      {"leaseDurationSeconds", 900},
                      {"leaseTransitions", 0},
                      {"acquireTime", "2026-11-22T12:00:00.000000Z"},
                      {"renewTime", "2026-11-22T12:00:00.000000Z"}}}}}});
  }

  static json cordon_mark() {
    return {{"annotations", {{"drover.local/cordon", R"({"run":"r","was":false})"}}}};
  }

  void patch(const json& spec, const json& metadata = json::object()) {
    bed_.command({{"do", "patch-node"},
                  {"node", "w1"},
                  {"patch", {{"spec", spec}, {"metadata", metadata}}}});
  }

  void taint() {
    patch({{"taints", {{{"key", "drover.local/pending"}, {"effect", "PreferNoSchedule"}}}}});
  }

  void evict_one() {
    evicted_ = a_pod("");
    const std::string name = evicted_["metadata"]["name"];
    const json body = {{"apiVersion", "policy/v1"},
                       {"kind", "Eviction"},
                       {"metadata", {{"namespace", "default"}, {"name", name}}}};
    const auto answer =
        bed_.send(Verb::Post, "/api/v1/namespaces/default/pods/" + name + "/eviction", body.dump());
    if (!answer || answer->status != 201) throw std::runtime_error("the eviction failed");
  }

  // One of the pods is still on its way out, as it was when this was recorded.
  void add_second_budget() {
    evict_one();
    bed_.pass(2.5);
    bed_.command({{"do", "budget"},
                  {"what", "add"},
                  {"name", "default/web-too"},
                  {"app", "web"},
                  {"max_unavailable", 1}});
  }

  void let_namespace_go() {
    bed_.command({{"do", "pod"}, {"what", "add"}, {"name", "going/last"}, {"node", "w1"}});
    bed_.command({{"do", "namespace"}, {"what", "terminate"}, {"name", "going"}});
  }

  ApiBed bed_;
  json evicted_;
};

std::string filled(std::string text, const Values& values, bool in_path) {
  for (const auto& [name, value] : values) {
    const std::string mark = "{" + name + "}";
    for (size_t at; (at = text.find(mark)) != text.npos;)
      text.replace(at, mark.size(), in_path ? percent_encode(value) : value);
  }
  return text;
}

Verb verb_of(const std::string& name) {
  for (const Verb verb : {Verb::Get, Verb::Post, Verb::Put, Verb::Patch, Verb::Delete})
    if (verb_name(verb) == name) return verb;
  throw std::runtime_error(name);
}

Result<ApiResponse> send(Stage& stage, const json& recording) {
  const json& request = recording.at("request");
  const Values values = stage.values(recording);
  const std::string path = filled(request.at("path"), values, true);
  const std::string client = request.at("client");
  if (client != "administrator")
    return stage.bed().get_as(path, "", "", client == "stranger" ? "nobody" : "");
  const std::string body =
      request.contains("body") ? filled(request["body"].dump(), values, false) : "";
  return stage.bed().send(verb_of(request.at("verb")), path, body);
}

/// Plain text is a string.
json parsed(const std::string& body) {
  json read = json::parse(body, nullptr, false);
  return read.is_discarded() ? json(body) : read;
}

/// Of a watch.
json lines_of(const std::string& body) {
  json all = json::array();
  std::istringstream rest(body);
  for (std::string line; std::getline(rest, line);) all.push_back(json::parse(line));
  return all;
}

std::set<std::string> lines(const Shown& shown) {
  std::set<std::string> all;
  for (const auto& [object, fields] : shown)
    for (const auto& [field, values] : fields)
      for (const std::string& value : values) all.insert(object + " " + field + ": " + value);
  return all;
}

// A line for each value that only one of the two shows.
std::string differences(const Shown& here, const Shown& there) {
  std::string text;
  const std::set<std::string> ours = lines(here);
  const std::set<std::string> real = lines(there);
  for (const std::string& line : ours)
    if (real.count(line) == 0) text += "sandbox  " + line + "\n";
  for (const std::string& line : real)
    if (ours.count(line) == 0) text += "real     " + line + "\n";
  return text;
}

TEST_CASE("the sandbox's API answers as the real one did", "[sandbox][replay]") {
  for (const Recording& recording : recordings()) {
    DYNAMIC_SECTION(recording.name) {
      Stage stage(recording.content.at("scene"));
      const auto answer = send(stage, recording.content);
      REQUIRE(answer);
      INFO(answer->body);
      CHECK(answer->status == recording.content.at("status"));
      const json headers = recording.content.at("headers");
      CHECK(answer->retry_after.has_value() == headers.contains("Retry-After"));
      json real = recording.content.at("body");
      json body = real.is_array() ? lines_of(answer->body) : parsed(answer->body);
      // What is not a request at all is refused in words that nobody reads.
      if (recording.content.at("status") == 400)
        for (json* one : {&body, &real}) one->erase("message"), one->erase("details");
      CHECK(differences(shown_fields(body), shown_fields(real)) == "");
    }
  }
}

TEST_CASE("there is a recording of each request that the sandbox answers", "[sandbox][replay]") {
  std::set<const sandbox::Route*> recorded;
  for (const Recording& recording : recordings()) {
    const json& request = recording.content.at("request");
    const sandbox::Route* route = sandbox::find_route(request.at("verb"), request.at("path"));
    CAPTURE(recording.name);
    CHECK(route != nullptr);
    recorded.insert(route);
  }
  for (const sandbox::Route& route : sandbox::routes()) {
    CAPTURE(route.verb, route.path);
    CHECK(recorded.count(&route) == 1);
  }
}

}  // namespace
}  // namespace drover::test
