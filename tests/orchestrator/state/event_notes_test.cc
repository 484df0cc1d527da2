#include "orchestrator/state/event_notes.h"

#include <catch2/catch.hpp>

#include "orchestrator/ui/views.h"
#include "tests/support/temp_dir.h"

namespace drover::orchestrator {
namespace {

const StepRef kDrain = {"v1.34/w1/drain", "drain", "w1"};

std::string line(decltype(Event::what) what) {
  return json_line({1, "2026-11-22T21:11:29.123Z", "r", std::move(what)}) + '\n';
}

}  // namespace

TEST_CASE("events tell what a running step waits for", "[event-notes]") {
  std::string text = line(StepStarted{kDrain, 1});
  CHECK(read_event_notes(text).waiting_for.empty());
  text += line(StepProgress{kDrain, 1, "budget default/web"});
  CHECK(read_event_notes(text).waiting_for.at(kDrain.id) == "budget default/web");
  CHECK(read_event_notes(text + line(StepStarted{kDrain, 2})).waiting_for.empty());
  text += line(StepFinished{kDrain, 1, StepStatus::Succeeded, 1, "", {}});
  CHECK(read_event_notes(text).waiting_for.empty());
}

TEST_CASE("events tell what to do about a failure, and what was warned of", "[event-notes]") {
  Error error;
  error.remedy = "look at w1";
  std::string text = line(Warning{"code", "mind this"}) +
                     line(StepFinished{kDrain, 1, StepStatus::Failed, 1, "", error});
  CHECK(read_event_notes(text).remedies.at(kDrain.id) == "look at w1");
  CHECK(read_event_notes(text).warnings == std::vector<std::string>{"mind this"});
  text += line(StepFinished{kDrain, 2, StepStatus::Succeeded, 1, "", {}});
  CHECK(read_event_notes(text).remedies.at(kDrain.id).empty());
}

TEST_CASE("events that were cut off at any byte are read as far as they go", "[event-notes]") {
  const std::string text =
      line(Warning{"a", "first"}) + line(StepProgress{kDrain, 1, "x"}) + line(Warning{"b", "last"});
  for (std::size_t length = 0; length <= text.size(); ++length) {
    CAPTURE(length);
    CHECK(read_event_notes(text.substr(0, length)).warnings.size() <= 2);
  }
  CHECK(read_event_notes("[1]\n7\nnull\n{\"event\":3,\"step\":[]}\n" + text).warnings.size() == 2);
  test::TempDir dir;
  CHECK(load_event_notes(dir.file("none")).warnings.empty());
}

}  // namespace drover::orchestrator
