#include "plans/rollout/rollout_file.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace drover::plans {
namespace {

Rollout whole() {
  Rollout rollout{.budget = 7,
                  .canary = 2,
                  .ramp = {1, 4},
                  .per_domain = 3,
                  .order = WorkerOrder::Inventory,
                  .on_blocked = OnBlocked::Wait,
                  .max_failed = 5,
                  .pause = {true, true, std::chrono::seconds(90)},
                  .patience = std::chrono::seconds(77),
                  .groups = {{"db", 1, {"w1", "w2"}}},
                  .workers = {{"node-1", "w1", "rack-a"}, {"stranger", "", ""}}};
  rollout.window = MaintenanceWindow{.days = {true, false, false, false, false, true, false},
                                     .start = std::chrono::hours(22),
                                     .end = std::chrono::hours(24),
                                     .timezone = "Europe/Berlin"};
  return rollout;
}

}  // namespace

TEST_CASE("what a plan says about its roll-out is read back as it is", "[rollout-file]") {
  for (const Rollout& rollout : {whole(), Rollout{}}) {
    const std::string text = rollout_json(rollout);
    const auto read = read_rollout(text);
    REQUIRE(read);
    CHECK(rollout_json(*read) == text);
    CHECK(read->workers == rollout.workers);
    CHECK(read->pause == rollout.pause);
    CHECK(read->window.has_value() == rollout.window.has_value());
  }
  CHECK(read_rollout(rollout_json(whole()))->window->str() == "mon, sat 22:00-24:00 Europe/Berlin");
}

TEST_CASE("a roll-out with a key that is missing or wrong is refused", "[rollout-file]") {
  const auto json = nlohmann::json::parse(rollout_json(whole()));
  for (const auto& [key, value] : json.items()) {
    auto without = json;
    without.erase(key);
    INFO(key);
    CHECK(static_cast<bool>(read_rollout(without.dump())) == (key == "window"));
  }
  for (const char* key : {"order", "on_blocked"}) {
    auto other = json;
    other[key] = "nonsense";
    CHECK_FALSE(read_rollout(other.dump()));
  }
  CHECK_FALSE(read_rollout("[]"));
  CHECK_FALSE(read_rollout("{"));
}

}  // namespace drover::plans
