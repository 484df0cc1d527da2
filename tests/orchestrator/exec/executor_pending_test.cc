#include <algorithm>
#include <catch2/catch.hpp>

#include "orchestrator/exec/executor.h"
#include "plans/steps/pending_taint.h"
#include "tests/support/memory_journal.h"
#include "tests/support/recording_sink.h"
#include "tests/support/small_plan.h"

/// S10: the marks of nodes that wait are taken away when a run ends before they had their turn, and
/// set again when it is taken up.
namespace drover::orchestrator {
namespace {

using plans::StepKind;
using Names = std::vector<std::string>;

constexpr const char* kPreflight = "v1.34/cluster/preflight";

plans::Plan marking_plan(int workers) {
  plans::Plan plan = test::small_plan(workers);
  std::string all;
  for (plans::Step& step : plan.steps) {
    step.params["node"] = step.node;
    if (step.kind == StepKind::Uncordon && step.node != "cp1") all += " " + step.node;
  }
  plans::Step& preflight = plan.steps.front();
  preflight.requests = {{.verb = Verb::Patch, .path = "/api/v1/nodes/{node}", .body = "[]"}};
  preflight.params[plans::kPendingNodes] = all;
  return plan;
}

/// Ends each step at once, as the test says.
class Runner final : public StepRunner {
 public:
  explicit Runner(Mailbox& mailbox) : mailbox_(mailbox) {}
  void start(const plans::Step& step, StepStart start) override {
    if (step.kind == StepKind::Preflight) {
      marks.push_back(start.attempt.note(plans::kPendingMode) + ":" +
                      start.attempt.note(plans::kPendingNodes));
    } else {
      others.push_back(step.id);
    }
    const bool fails = std::find(failing.begin(), failing.end(), step.id) != failing.end();
    const bool marking_fails =
        marks_fail && step.kind == StepKind::Preflight && marks.back() != ":";
    if (step.id == interrupt_at) mailbox_.post(Interrupt{});
    StepResult result;
    if (fails || marking_fails) {
      result = {.status = StepStatus::Failed,
                .error = {.kind = ErrorKind::Api, .message = "planted"}};
    }
    mailbox_.post(StepEnded{step.id, std::move(result)});
  }
  void stop_waiting() override {}

  Names failing;
  bool marks_fail = false;
  std::string interrupt_at;
  Names marks;  ///< "mode:nodes" of each time the preflight was begun
  Names others;

 private:
  Mailbox& mailbox_;
};

struct PendingBench {
  explicit PendingBench(int workers) : plan(marking_plan(workers)), runner(mailbox) {}
  RunEnd run(History history = {}) { return with(std::move(history), &Executor::run); }
  RunEnd cancel(History history) { return with(std::move(history), &Executor::cancel); }
  RunEnd with(History history, RunEnd (Executor::*act)()) {
    EventLog events("run-1", [] { return "2026-01-01T00:00:00.000Z"; }, {&sink});
    Executor executor(plan, {"run-1", "drover resume"}, std::move(history), journal, events, runner,
                      mailbox);
    return (executor.*act)();
  }

  plans::Plan plan;
  Mailbox mailbox;
  test::MemoryJournal journal;
  test::RecordingSink sink;
  Runner runner;
};

/// A run in which everything was done up to the end of w1, w2 failed, and w3 still waits.
History half_done(const plans::Plan& plan) {
  History history{.windows = {"w2"}, .changed = {"w2"}};
  for (const plans::Step& step : plan.steps) {
    const bool done = step.node == "w1" || step.node == "cp1" || step.kind == StepKind::Preflight ||
                      step.kind == StepKind::AddonsHealthy;
    if (!done) continue;
    history.kept.insert(step.id);
    history.attempts[step.id] = 1;
  }
  return history;
}

}  // namespace

TEST_CASE("S10: a run that succeeds leaves the marks to each node's uncordon") {
  PendingBench bench(2);
  CHECK(bench.run().exit_code == 0);
  CHECK(bench.runner.marks == Names{":"});
}

TEST_CASE("S10: a run that fails takes the marks away from all that had no turn, last of all") {
  PendingBench bench(3);
  bench.runner.failing = {"v1.34/w1/upgrade-node"};
  const RunEnd end = bench.run();
  CHECK(end.exit_code == 5);
  CHECK(bench.runner.marks == Names{":", "off:w1 w2 w3"});
  CHECK(std::find(end.left.begin(), end.left.end(), kPreflight) == end.left.end());
  CHECK(bench.journal.records.back().type == "run-ended");
}

TEST_CASE("S10: nothing was marked before the preflight was begun") {
  PendingBench bench(2);
  History history;
  bench.cancel(history);
  CHECK(bench.runner.marks.empty());
}

TEST_CASE("S10: a failed preflight is followed by taking its marks away, and by nothing else") {
  PendingBench bench(2);
  bench.runner.failing = {kPreflight};
  const RunEnd end = bench.run();
  CHECK(end.exit_code == 5);
  CHECK(bench.runner.marks == Names{":", "off:cp1 w1 w2"});
  CHECK(bench.runner.others.empty());
}

TEST_CASE("S10: cancelling a run that nobody has takes the marks away") {
  PendingBench bench(3);
  const RunEnd end = bench.cancel(half_done(bench.plan));
  CHECK(end.how == "cancelled");
  REQUIRE(bench.runner.marks.size() == 1);
  CHECK(bench.runner.marks[0].starts_with("off:"));
  CHECK(bench.runner.marks[0].ends_with("w2 w3"));
}

TEST_CASE("S10: a run that is taken up marks the workers whose turn is still to come") {
  PendingBench bench(3);
  CHECK(bench.run(half_done(bench.plan)).exit_code == 0);
  CHECK(bench.runner.marks == Names{"on:w2 w3"});
  CHECK(bench.runner.others.back() == "v1.34/cluster/verify");
}

TEST_CASE("a mark that cannot be changed is told, and nothing else comes of it") {
  PendingBench bench(3);
  bench.runner.marks_fail = true;
  const RunEnd end = bench.run(half_done(bench.plan));
  CHECK(end.exit_code == 0);
  CHECK(bench.runner.marks == Names{"on:w2 w3"});
  const auto told = std::any_of(bench.journal.records.begin(), bench.journal.records.end(),
                                [](const Record& record) {
                                  return record.type == "step-ended" && record.step == kPreflight &&
                                         record.fields.at("status") == "skipped";
                                });
  CHECK(told);
}

TEST_CASE("S15: an interrupted run leaves the marks: its nodes wait") {
  PendingBench bench(3);
  bench.runner.interrupt_at = "v1.34/w1/drain";
  CHECK(bench.run().exit_code == 130);
  CHECK(bench.runner.marks == Names{":"});
}

}  // namespace drover::orchestrator
