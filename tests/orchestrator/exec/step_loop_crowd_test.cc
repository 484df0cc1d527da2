#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <set>

#include "plans/steps/catalogue.h"
#include "tests/support/step_loop_bench.h"

namespace drover::orchestrator {

namespace {

/// Pods of w1 that are gone once their eviction came, behind as many connections as are asked for.
struct Crowd {
  explicit Crowd(int pods) {
    for (int i = 0; i < pods; ++i) left.insert(std::to_string(i));
  }

  ApiResponse get(const ApiRequest& request) {
    const std::lock_guard lock(mutex);
    const bool asks_pods = request.path.starts_with("/api/v1/pods");
    json items = json::array();
    for (const std::string& pod : left) {
      if (!asks_pods) break;
      items.push_back(
          {{"metadata",
            {{"name", "p" + pod},
             {"namespace", "default"},
             {"uid", pod},
             {"ownerReferences", {{{"kind", "Job"}, {"name", "j"}, {"controller", true}}}}}},
           {"spec", {{"nodeName", "w1"}}},
           {"status", {{"phase", "Running"}}}});
    }
    const json list = {{"kind", asks_pods ? "PodList" : "DaemonSetList"}, {"items", items}};
    return {200, list.dump(), {}};
  }

  /// Each waits until `together` are under way, so that one after the other they would not end.
  ApiResponse evict(const ApiRequest& request) {
    std::unique_lock lock(mutex);
    most = std::max(most, ++under_way);
    arrived.notify_all();
    met = arrived.wait_for(lock, std::chrono::seconds(30), [&] { return most >= together; }) && met;
    const std::string uid = json::parse(request.body)["deleteOptions"]["preconditions"]["uid"];
    evicted.push_back(uid);
    left.erase(uid);
    --under_way;
    return {201, "{}", {}};
  }

  struct Writer final : remote::ApiWriter {
    explicit Writer(Crowd& c) : crowd(c) {}
    Result<ApiResponse> send(const ApiRequest& request, std::stop_token) override {
      return crowd.evict(request);
    }
    Crowd& crowd;
  };

  std::mutex mutex;
  std::condition_variable arrived;
  int together = 8;
  int under_way = 0;
  int most = 0;
  bool met = true;
  std::set<std::string> left;
  std::vector<std::string> evicted;
};

}  // namespace

TEST_CASE("S4: requests of one step are under way eight at once, each once and after its intent") {
  StepLoopBench bench;
  Crowd crowd(50);
  bench.api.on_get = [&](const ApiRequest& request) { return crowd.get(request); };
  bench.api.on_send = [&](const ApiRequest& request) { return crowd.evict(request); };
  bench.another_writer = [&] { return std::make_unique<Crowd::Writer>(crowd); };
  const StepResult result = bench.run(plans::make_drain(bench.scope, bench.inventory.hosts[1]));
  CHECK(result.status == StepStatus::Succeeded);
  CHECK(result.message == "50 pods evicted from w1");
  CHECK(crowd.met);
  CHECK(crowd.most == 8);
  CHECK(crowd.evicted.size() == 50);
  CHECK(std::set<std::string>(crowd.evicted.begin(), crowd.evicted.end()).size() == 50);
  std::set<std::string> intended;
  for (const std::string& line : bench.told) {
    if (line.starts_with("intent ")) intended.insert(line.substr(7));
    if (line.starts_with("outcome ")) CHECK(intended.contains(line.substr(8)));
  }
  CHECK(intended.size() == 50);
}

TEST_CASE("S4: without a permit for one of many requests the others end and nothing more is sent") {
  StepLoopBench bench;
  Crowd crowd(50);
  crowd.together = 1;
  bench.permit = Error{.kind = ErrorKind::Cancelled, .message = "stopped"};
  bench.api.on_get = [&](const ApiRequest& request) { return crowd.get(request); };
  bench.another_writer = [&] { return std::make_unique<Crowd::Writer>(crowd); };
  const StepResult result = bench.run(plans::make_drain(bench.scope, bench.inventory.hosts[1]));
  CHECK(result.status == StepStatus::Cancelled);
  CHECK(crowd.evicted.empty());
}

}  // namespace drover::orchestrator
