#include "orchestrator/exec/observe.h"

#include <catch2/catch.hpp>

#include "tests/support/run_bench.h"
#include "tests/support/small_plan.h"

namespace drover::orchestrator {
namespace {

using test::failure;
using test::ScriptedRunner;

/// As StepLoop ends a look: so, not so, or not to be told in time.
StepResult look(bool so) { return {.status = StepStatus::Skipped, .would_change = !so}; }
StepResult unseen() {
  StepResult result = failure("not done after 720s: waiting for w1: connection refused");
  result.error.kind = ErrorKind::Timeout;
  return result;
}

struct ObserveBench {
  std::set<std::string> observe(std::stop_token stop = {}) {
    std::vector<const plans::Step*> steps;
    for (const plans::Step& step : plan.steps) {
      if (!step.host.empty()) steps.push_back(&step);
    }
    EventLog events("run-1", [] { return "2026-01-01T00:00:00.000Z"; }, {&sink});
    auto found = orchestrator::observe(steps, {}, "run-1", runner, mailbox, events, stop);
    cancelled = !found;
    return found ? *found : std::set<std::string>{};
  }
  std::vector<std::string> codes() const {
    std::vector<std::string> codes;
    for (const Warning& warning : sink.all<Warning>()) codes.push_back(warning.code);
    return codes;
  }

  plans::Plan plan = test::small_plan(2);
  Mailbox mailbox;
  test::RecordingSink sink;
  ScriptedRunner runner{mailbox};
  bool cancelled = false;
};

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE("S5: what is still so is kept, what is no longer so is done again and said") {
  ObserveBench bench;
  bench.runner.script = [](const plans::Step& step, int) {
    return look(step.id != "v1.34/w1/upgrade-node");
  };
  CHECK(bench.observe() == std::set<std::string>{"v1.34/w1/upgrade-node"});
  CHECK(bench.codes() == Codes{"changed-meanwhile"});
}

TEST_CASE("S16: a node that is away is waited for once, and that is said") {
  ObserveBench bench;
  bench.runner.before_end = [&](const plans::Step& step, int) {
    if (step.host == "w1") bench.mailbox.post(Waiting{step.id, "w1: connection refused"});
  };
  bench.runner.script = [](const plans::Step& step, int) {
    return step.host == "w1" ? unseen() : look(true);
  };
  std::set<std::string> of_w1;
  for (const plans::Step& step : bench.plan.steps) {
    if (step.host == "w1") of_w1.insert(step.id);
  }
  REQUIRE(of_w1.size() > 1);
  CHECK(bench.observe() == of_w1);
  CHECK(bench.codes() == Codes{"look-again", "not-seen"});
  CHECK(std::count_if(bench.runner.started.begin(), bench.runner.started.end(),
                      [&](const std::string& id) { return of_w1.contains(id); }) == 1);
}

TEST_CASE("S15: an operator's stop ends the looking") {
  ObserveBench bench;
  std::stop_source stop;
  stop.request_stop();
  bench.observe(stop.get_token());
  CHECK(bench.cancelled);
  CHECK(bench.runner.stopped);
}

}  // namespace drover::orchestrator
