#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/exec/executor.h"
#include "tests/support/memory_journal.h"
#include "tests/support/recording_sink.h"

namespace drover::test {

using namespace orchestrator;

/// Ends each step at once as the test says, through the mailbox, as a worker would.
class ScriptedRunner final : public StepRunner {
 public:
  explicit ScriptedRunner(Mailbox& mailbox) : mailbox_(mailbox) {}

  void start(const plans::Step& step, StepStart start) override {
    started.push_back(step.id);
    if (before_end) before_end(step, start.number);
    StepResult result;
    if (script) result = script(step, start.number);
    attempts[step.id] = std::move(start.attempt);
    mailbox_.post(StepEnded{step.id, std::move(result)});
  }
  void stop_waiting() override { stopped = true; }

  std::function<StepResult(const plans::Step&, int)> script;
  std::function<void(const plans::Step&, int)> before_end;
  std::vector<std::string> started;
  std::map<std::string, plans::Attempt> attempts;  ///< by step
  bool stopped = false;

 private:
  Mailbox& mailbox_;
};

inline StepResult failure(const std::string& message, bool again = false) {
  return {.status = StepStatus::Failed,
          .error = {.kind = ErrorKind::Command, .message = message},
          .again = again};
}

/// One run over a plan, with everything that a test may look at.
struct Bench {
  explicit Bench(plans::Plan p) : plan(std::move(p)), runner(mailbox) {}

  RunEnd run() {
    EventLog events("run-1", [] { return "2026-01-01T00:00:00.000Z"; }, {&sink});
    end = Executor(plan, {"run-1", "drover resume"}, history, journal, events, runner, mailbox,
                   around)
              .run();
    return end;
  }
  bool started(const std::string& id) const {
    return std::find(runner.started.begin(), runner.started.end(), id) != runner.started.end();
  }

  plans::Plan plan;
  History history;
  RunSurroundings around;
  RunEnd end;
  Mailbox mailbox;
  MemoryJournal journal;
  RecordingSink sink;
  ScriptedRunner runner;
};

}  // namespace drover::test
