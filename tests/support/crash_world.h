#pragma once

#include <catch2/catch.hpp>

#include "orchestrator/exec/executor.h"
#include "orchestrator/exec/observe.h"
#include "orchestrator/exec/threaded_runner.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_journal.h"
#include "tests/support/recording_sink.h"
#include "tests/support/worker_world.h"

/// A run that dies and is taken up again.
namespace drover::test {

using namespace orchestrator;

/// Dies at the nth boundary: each record has one before and one after it was made durable. A
/// process that is dead to its journal begins nothing more, so the rest of it is as if it were
/// killed.
class MortalJournal final : public Journal {
 public:
  MortalJournal(test::MemoryJournal& kept, int dies_at) : kept_(kept), left_(dies_at) {}
  Status append(Record record) override {
    if (dies()) return died();
    DROVER_TRY(kept_.append(std::move(record)));
    return dies() ? died() : Status();
  }
  bool dead() const { return dead_; }

 private:
  bool dies() {
    dead_ = dead_ || left_ == 0;
    --left_;
    return dead_;
  }
  static Status died() { return Error{.kind = ErrorKind::State, .message = "killed"}; }

  test::MemoryJournal& kept_;
  int left_;
  bool dead_ = false;
};

/// One process: takes up what `journal` tells and works until the end, or its death.
inline std::optional<RunEnd> live(const plans::Plan& plan, WorkerWorld& world,
                                  test::MemoryJournal& journal, int dies_at) {
  if (journal.records.empty()) {
    REQUIRE(journal.append({.type = "run-begun", .fields = {{"run", "run-1"}}}));
  }
  const auto memory = remember(journal.records);
  REQUIRE(memory);
  CHECK(to_observe(plan, *memory).empty());  // both kinds of command cannot tell by looking
  Mailbox mailbox;
  test::RecordingSink sink;
  EventLog events("run-1", [] { return "2026-01-01T00:00:00.000Z"; }, {&sink});
  MortalJournal mortal(journal, dies_at);
  const auto ports = [&](const std::string&) {
    auto own = std::make_shared<std::pair<WorldNode, test::FakeClock>>(world, test::FakeClock());
    StepPorts made{&own->first, &own->first, &world, &world, &own->second};
    return ThreadedRunner::Owned{made, own};
  };
  ThreadedRunner runner(
      ports, [](const plans::Step&, int) { return OutputFile(); }, mailbox);
  const RunEnd end =
      Executor(plan, {"run-1", ""}, history_of(plan, *memory, {}), mortal, events, runner, mailbox)
          .run();
  if (mortal.dead()) return std::nullopt;
  for (const StepFinished& step : sink.all<StepFinished>()) {
    if (step.status != StepStatus::Failed) continue;
    UNSCOPED_INFO(step.step.id << ": " << step.error.message);
  }
  return end;
}

}  // namespace drover::test
