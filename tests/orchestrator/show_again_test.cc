#include "orchestrator/show_again.h"

#include <catch2/catch.hpp>
#include <deque>
#include <vector>

#include "tests/support/fake_clock.h"

namespace drover::orchestrator {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Error away() { return {.kind = ErrorKind::Unreachable, .message = "away"}; }

/// Reads in turn; when nothing is left, Ctrl-C comes.
struct ShowAgainWorld {
  Error run() {
    return show_again({.every = seconds(15),
                       .read = [this]() -> Result<std::string> {
                         at.push_back(std::chrono::duration_cast<seconds>(clock.now() - began));
                         if (readings.empty()) {
                           if (!ends) return away();
                           stop.request_stop();
                           return Error{.kind = ErrorKind::Cancelled, .message = "stopped"};
                         }
                         auto next = readings.front();
                         readings.pop_front();
                         return next;
                       },
                       .show = [this](const std::string& text) { shown += text; },
                       .tell = [this](const std::string& text) { told.push_back(text); }},
                      clock, stop.get_token());
  }

  test::FakeClock clock;
  remote::Instant began = clock.now();
  std::stop_source stop;
  bool ends = true;
  std::deque<Result<std::string>> readings;
  std::vector<seconds> at;
  std::string shown;
  std::vector<std::string> told;
};

}  // namespace

TEST_CASE("a list is shown again and again, and sooner again after a failure that passes") {
  ShowAgainWorld world;
  world.readings = {std::string("a"), away(), away(), std::string("b")};
  CHECK(world.run().kind == ErrorKind::Cancelled);
  CHECK(world.shown == "ab");
  CHECK(world.at ==
        std::vector<seconds>{seconds(0), seconds(15), seconds(16), seconds(17), seconds(32)});
  CHECK(world.told == std::vector<std::string>{"away; trying again"});
}

TEST_CASE("a list that is refused or stays out of reach ends") {
  ShowAgainWorld refused;
  refused.readings = {std::string("a"), Error{.kind = ErrorKind::Api, .message = "no"}};
  CHECK(refused.run().kind == ErrorKind::Api);
  ShowAgainWorld never;
  never.ends = false;
  CHECK(never.run().kind == ErrorKind::Unreachable);
  CHECK(never.clock.now() - never.began >= minutes(5));
}

}  // namespace drover::orchestrator
