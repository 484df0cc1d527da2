#include "plans/steps/hold.h"

#include <catch2/catch.hpp>

#include "tests/support/step_driver.h"

namespace drover::plans {
namespace {

using std::chrono::milliseconds;
using test::summary;

/// Rounds of a gate, one after the other, with the notes carried along.
struct Rounds {
  HoldRule gate;
  Attempt attempt;
  Decision last;

  std::string round(double second, const std::vector<std::string>& missing = {}) {
    attempt.elapsed = Seconds{second};
    last = hold(gate, attempt, missing, "well");
    for (const auto& [name, value] : last.remember) attempt.notes[name] = value;
    return summary(last);
  }
  long long pause() const { return std::get<Wait>(last.next).pause.count(); }
};

}  // namespace

TEST_CASE("S9: a gate holds only after its number of successive good rounds") {
  Rounds gate{{3, Seconds{0}, milliseconds{2000}}, {}, {}};
  CHECK(gate.round(0) == "wait: it to be seen 3 times");
  CHECK(gate.pause() == 2000);
  CHECK(gate.round(2) == "wait: it to be seen 3 times");
  CHECK(gate.round(4, {"w1 to be Ready", "more"}) == "wait: w1 to be Ready, more");
  CHECK(gate.round(6) == "wait: it to be seen 3 times");
  CHECK(gate.round(8) == "wait: it to be seen 3 times");
  CHECK(gate.round(10) == "done: well");
}

TEST_CASE("S9: a gate's time counts from the first good round after the last bad one") {
  Rounds gate{{1, Seconds{10}, milliseconds{1000}}, {}, {}};
  CHECK(gate.round(3) == "wait: it to stay so for 10 s");
  CHECK(gate.pause() == 1000);
  CHECK(gate.round(12.75) == "wait: it to stay so for 10 s");
  CHECK(gate.pause() == 250);
  CHECK(gate.round(12.9, {"x"}) == "wait: x");
  CHECK(gate.round(13) == "wait: it to stay so for 10 s");
  CHECK(gate.round(22.99) == "wait: it to stay so for 10 s");
  CHECK(gate.round(23) == "done: well");
}

TEST_CASE("both the time and the number are wanted") {
  Rounds gate{{3, Seconds{2}, milliseconds{500}}, {}, {}};
  CHECK(gate.round(0) == "wait: it to stay so for 2 s");
  CHECK(gate.pause() == 500);
  CHECK(gate.round(5) == "wait: it to be seen 3 times");
  CHECK(gate.round(6) == "done: well");
}

TEST_CASE("a gate of one round and no time is done at once") {
  Rounds gate;
  CHECK(gate.round(7) == "done: well");
}

TEST_CASE("S16: what is waited for does not change its words from round to round") {
  Rounds gate{{2, Seconds{30}, milliseconds{1000}}, {}, {}};
  const std::string first = gate.round(0);
  for (int second = 1; second < 30; ++second) CHECK(gate.round(second) == first);
}

}  // namespace drover::plans
