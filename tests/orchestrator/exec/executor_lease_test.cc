#include <catch2/catch.hpp>

#include "orchestrator/exec/executor.h"
#include "tests/support/fake_clock.h"
#include "tests/support/run_bench.h"
#include "tests/support/small_plan.h"

namespace drover::orchestrator {
namespace {

using test::Bench;
using test::MemoryJournal;
using test::RecordingSink;
using test::ScriptedRunner;
using test::small_plan;

}  // namespace

TEST_CASE("S14: after a failed renewal no effect is permitted until the lease is renewed") {
  Mailbox mailbox;
  const plans::Plan plan = small_plan(1);
  MemoryJournal journal;
  RecordingSink sink;
  EventLog events("run-1", [] { return ""; }, {&sink});
  std::vector<std::future<Status>> answers;
  ScriptedRunner runner(mailbox);
  int intents_before_renewal = -1;
  runner.before_end = [&](const plans::Step& step, int number) {
    if (step.kind != plans::StepKind::Preflight) return;
    mailbox.post(LeaseFailed{"connection refused", remote::Instant{}});
    AskPermit ask{step.id, number, {}, remote::Instant::max(), {}};
    answers.push_back(ask.answer.get_future());
    mailbox.post(std::move(ask));
    mailbox.post(Waiting{step.id, "marks the moment"});
    mailbox.post(LeaseRenewed{remote::SystemClock().boot()});
  };
  journal.after_append = [&](const Record& record) {
    if (record.type == "effect-intent" && intents_before_renewal < 0) {
      intents_before_renewal = static_cast<int>(sink.all<StepProgress>().size());
    }
  };
  CHECK(Executor(plan, {"run-1", ""}, {}, journal, events, runner, mailbox).run().exit_code == 0);
  REQUIRE(answers.size() == 1);
  CHECK(answers.front().get().has_value());
  CHECK(intents_before_renewal == 2);  // it waited: told so, and the mark after it was seen first
}

TEST_CASE("S14: after the machine slept no effect is permitted until the lease is renewed") {
  Bench bench(small_plan(1));
  test::FakeClock clock;
  bench.around.clock = &clock;
  std::vector<std::future<Status>> answers;
  bench.runner.before_end = [&](const plans::Step& step, int number) {
    if (step.kind != plans::StepKind::Preflight) return;
    const remote::Instant before = clock.boot();
    bench.mailbox.post(LeaseRenewed{before});
    clock.sleep(std::chrono::minutes(40));
    AskPermit ask{step.id, number, {}, remote::Instant::max(), {}};
    answers.push_back(ask.answer.get_future());
    bench.mailbox.post(std::move(ask));
    bench.mailbox.post(LeaseRenewed{before});  // it came just before the lid was closed
    bench.mailbox.post(Waiting{step.id, "marks the moment"});
    bench.mailbox.post(LeaseRenewed{clock.boot()});
  };
  int told_before = -1;
  bench.journal.after_append = [&](const Record& record) {
    if (record.type != "effect-intent") return;
    told_before = static_cast<int>(bench.sink.all<StepProgress>().size());
  };
  CHECK(bench.run().exit_code == 0);
  REQUIRE(answers.size() == 1);
  CHECK(answers.front().get().has_value());
  CHECK(told_before == 2);  // that it waits, and the mark
}

TEST_CASE("S15: a permit that waits for the lease is given though the run is to pause or end") {
  for (const bool cancelled : {false, true}) {
    Bench bench(small_plan(1));
    std::vector<std::future<Status>> answers;
    bench.runner.before_end = [&](const plans::Step& step, int number) {
      if (step.kind != plans::StepKind::Preflight) return;
      bench.mailbox.post(LeaseFailed{"connection refused", remote::Instant{}});
      AskPermit ask{step.id, number, {}, remote::Instant::max(), {}};
      answers.push_back(ask.answer.get_future());
      bench.mailbox.post(std::move(ask));
      if (cancelled) {
        bench.mailbox.post(CancelRun{});
      } else {
        bench.mailbox.post(PauseRun{});
      }
      bench.mailbox.post(LeaseRenewed{remote::SystemClock().boot()});
    };
    CHECK(bench.run().exit_code == 5);
    INFO("cancelled: " << cancelled);
    REQUIRE(answers.size() == 1);
    CHECK(answers.front().get().has_value());
  }
}

TEST_CASE("S14: a permit that outlives its step is refused while the lease stays unrenewed") {
  Bench bench(small_plan(1));
  std::vector<std::future<Status>> answers;
  bench.runner.before_end = [&](const plans::Step& step, int number) {
    if (step.kind != plans::StepKind::Preflight) return;
    bench.mailbox.post(LeaseFailed{"refused", remote::Instant{}});
    AskPermit ask{step.id, number, {}, remote::Instant{} + std::chrono::seconds(5), {}};
    answers.push_back(ask.answer.get_future());
    bench.mailbox.post(std::move(ask));
    bench.mailbox.post(LeaseFailed{"refused", remote::Instant{} + std::chrono::seconds(6)});
    bench.mailbox.post(LeaseRenewed{remote::SystemClock().boot()});
  };
  bench.run();
  REQUIRE(answers.size() == 1);
  const Status answer = answers.front().get();
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().kind == ErrorKind::Timeout);
  CHECK(bench.journal.count("effect-intent") == 0);
}

constexpr const char* kLost = "is now held by run run-2 on elsewhere, pid 7";

TEST_CASE("S14: a lost lock starts nothing more and ends with 5") {
  Bench bench(small_plan(1));
  bench.runner.before_end = [&](const plans::Step& step, int) {
    if (step.kind == plans::StepKind::Preflight) bench.mailbox.post(LeaseLost{kLost});
  };
  const RunEnd end = bench.run();
  CHECK(end.exit_code == 5);
  CHECK(bench.runner.started.size() == 1);
  CHECK(bench.journal.count("step-ended") == 1);  // the running step was finished
  CHECK(end.message.find(kLost) != std::string::npos);
}

TEST_CASE("S14: after the lock is lost no effect of a running step is permitted") {
  Bench bench(small_plan(1));
  std::vector<std::future<Status>> answers;
  bench.runner.before_end = [&](const plans::Step& step, int number) {
    if (step.kind != plans::StepKind::Preflight) return;
    bench.mailbox.post(LeaseFailed{"connection refused", remote::Instant{}});
    for (const bool before : {true, false}) {
      if (!before) bench.mailbox.post(LeaseLost{kLost});
      AskPermit ask{step.id, number, {}, remote::Instant::max(), {}};
      answers.push_back(ask.answer.get_future());
      bench.mailbox.post(std::move(ask));
    }
  };
  CHECK(bench.run().exit_code == 5);
  REQUIRE(answers.size() == 2);
  for (auto& each : answers) {
    const Status answer = each.get();
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().kind == ErrorKind::Locked);
    CHECK(answer.error().message.find(kLost) != std::string::npos);
  }
  CHECK(bench.journal.count("effect-intent") == 0);
}

}  // namespace drover::orchestrator
