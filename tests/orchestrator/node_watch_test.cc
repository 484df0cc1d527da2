#include "orchestrator/node_watch.h"

#include <atomic>
#include <catch2/catch.hpp>

#include "tests/support/kube_json.h"
#include "tests/support/sample_facts.h"

namespace drover::orchestrator {
namespace {

using namespace std::chrono_literals;

/// Answers a look at the nodes with the next of some answers, then with the last one again.
class Looks final : public remote::ApiReader {
 public:
  explicit Looks(std::vector<Result<ApiResponse>> answers) : answers_(std::move(answers)) {}
  Result<ApiResponse> get(const ApiRequest& request, std::stop_token) override {
    if (request.path != "/api/v1/nodes") return Error{.message = "unexpected " + request.path};
    const size_t at = next_++;
    return answers_[std::min(at, answers_.size() - 1)];
  }

 private:
  std::vector<Result<ApiResponse>> answers_;
  size_t next_ = 0;
};

/// Waits end at once, and are remembered.
class HastyClock final : public remote::Clock {
 public:
  remote::Instant now() override { return remote::Instant(now_.load()); }
  remote::WallTime wall() override { return {}; }
  remote::Instant boot() override { return now(); }
  bool wait_until(remote::Instant deadline, std::stop_token stop) override {
    now_ = deadline.time_since_epoch();
    return !stop.stop_requested();
  }

 private:
  std::atomic<remote::Instant::duration> now_{remote::Instant::duration(0)};
};

std::string nodes_json(const std::set<std::string>& down) {
  auto nodes = test::sample_facts(3).nodes;
  for (Node& node : nodes) node.ready = !down.contains(node.name);
  return test::list_of("Node", nodes);
}

std::set<std::string> next_seen(Mailbox& mailbox) {
  const auto message = mailbox.take(10s);
  REQUIRE(message);
  return std::get<NodesSeen>(*message).down;
}

}  // namespace

TEST_CASE("S6: the nodes are looked at, at once and again, and a failed look says nothing") {
  HastyClock clock;
  Mailbox mailbox;
  std::vector<Result<ApiResponse>> answers = {test::no_answer(),
                                              test::refusal(503, "ServiceUnavailable", "away"),
                                              test::ok(nodes_json({"w2"})),
                                              test::ok("{}"),
                                              test::ok(nodes_json({"w1", "cp1"})),
                                              test::ok(nodes_json({}))};
  const NodeWatch watch(std::make_unique<Looks>(std::move(answers)), clock, mailbox);
  CHECK(next_seen(mailbox) == std::set<std::string>{"w2"});
  CHECK(next_seen(mailbox) == std::set<std::string>{"cp1", "w1"});
  CHECK(next_seen(mailbox).empty());
}

}  // namespace drover::orchestrator
