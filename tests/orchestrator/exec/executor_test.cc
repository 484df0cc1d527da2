#include "orchestrator/exec/executor.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>

#include "tests/support/run_bench.h"
#include "tests/support/small_plan.h"

namespace drover::orchestrator {
namespace {

using test::Bench;
using test::failure;
using test::small_plan;

/// Fails while its node is only out of service: nothing was changed there.
bool untouched(const plans::Step& step) {
  return step.node.starts_with("w") &&
         (step.kind == plans::StepKind::Cordon || step.kind == plans::StepKind::Drain);
}

}  // namespace

TEST_CASE("S1: a whole plan runs, each step after those it needs") {
  Bench bench(small_plan(3));
  const RunEnd end = bench.run();
  CHECK(end.exit_code == 0);
  REQUIRE(bench.runner.started.size() == bench.plan.steps.size());
  for (const plans::Step& step : bench.plan.steps) {
    const auto at = std::find(bench.runner.started.begin(), bench.runner.started.end(), step.id);
    for (const std::string& need : step.needs) {
      CHECK(std::find(bench.runner.started.begin(), at, need) != at);
    }
  }
  CHECK(bench.end.left.empty());
}

TEST_CASE("S1: wherever a step fails, nothing that needs it starts and the run ends with 5") {
  const plans::Plan plan = small_plan(2);
  for (const plans::Step& broken : plan.steps) {
    Bench bench(small_plan(2));
    bench.runner.script = [&](const plans::Step& step, int) {
      return step.id == broken.id ? failure("planted") : StepResult{};
    };
    const RunEnd end = bench.run();
    INFO(broken.id);
    CHECK(end.exit_code == 5);
    std::vector<std::string> unreachable = {broken.id};
    for (const plans::Step& step : plan.steps) {
      const bool below = std::any_of(step.needs.begin(), step.needs.end(), [&](const auto& need) {
        return std::find(unreachable.begin(), unreachable.end(), need) != unreachable.end();
      });
      if (!below) continue;
      unreachable.push_back(step.id);
      const bool given_back =
          step.kind == plans::StepKind::Uncordon && step.node == broken.node && untouched(broken);
      CHECK(bench.started(step.id) == given_back);
    }
    CHECK(bench.end.left.size() + bench.journal.count("step-ended") - 1 ==
          plan.steps.size() + (untouched(broken) ? 1 : 0));
  }
}

TEST_CASE("S10: a node on which nothing was changed is given back when the run stops") {
  Bench bench(small_plan(2));
  bench.runner.script = [&](const plans::Step& step, int) {
    return step.id == "v1.34/w1/drain" ? failure("planted") : StepResult{};
  };
  CHECK(bench.run().exit_code == 5);
  CHECK(bench.runner.started.back() == "v1.34/w1/uncordon");
  CHECK(bench.end.message.find("cordoned") == std::string::npos);
  CHECK(bench.end.message.find("`drover resume` goes on") != std::string::npos);
}

TEST_CASE("S15: a pause lets running steps end, starts nothing and can be resumed") {
  Bench bench(small_plan(2));
  bench.runner.before_end = [&](const plans::Step& step, int) {
    if (step.id == "v1.34/w1/drain") bench.mailbox.post(PauseRun{});
  };
  CHECK(bench.run().exit_code == 5);
  CHECK(bench.runner.started.back() == "v1.34/w1/drain");
  CHECK_FALSE(bench.runner.stopped);
  CHECK(bench.journal.records.back().fields.at("status") == "paused");
  CHECK(bench.sink.all<RunPaused>().size() == 1);
}

TEST_CASE("S5: what another node finished before counts, whatever becomes of the open one") {
  Bench bench(small_plan(2));
  History history{.windows = {"w2"}};
  for (const plans::Step& step : bench.plan.steps) {
    if (step.node != "w2" && step.id != "v1.34/cluster/verify") history.kept.insert(step.id);
  }
  bench.runner.script = [&](const plans::Step& step, int) {
    return step.id == "v1.34/w2/upgrade-node" ? failure("planted") : StepResult{};
  };
  EventLog events("run-1", [] { return "2026-01-01T00:00:00.000Z"; }, {&bench.sink});
  const RunEnd end = Executor(bench.plan, {"run-1", ""}, history, bench.journal, events,
                              bench.runner, bench.mailbox)
                         .run();
  CHECK(end.left == std::vector<std::string>{"v1.34/w2/upgrade-node", "v1.34/w2/uncordon",
                                             "v1.34/w2/settled", "v1.34/cluster/verify"});
  CHECK(bench.runner.started ==
        std::vector<std::string>{"v1.34/w2/cordon", "v1.34/w2/drain", "v1.34/w2/upgrade-node"});
}

TEST_CASE("S10: a run that nobody has is cancelled by giving back what is untouched") {
  for (const bool changed : {false, true}) {
    Bench bench(small_plan(2));
    History history{.windows = {"w1"}};
    if (changed) history.changed = {"w1"};
    EventLog events("run-1", [] { return "2026-01-01T00:00:00.000Z"; }, {&bench.sink});
    Executor executor(bench.plan, {"run-1", ""}, history, bench.journal, events, bench.runner,
                      bench.mailbox);
    const RunEnd end = executor.cancel();
    CHECK(end.how == "cancelled");
    CHECK(bench.runner.started.size() == (changed ? 0 : 1));
    CHECK(bench.journal.records.back().fields.at("status") == "cancelled");
    CHECK((end.message.find("w1 was left cordoned") != std::string::npos) == changed);
  }
}

TEST_CASE("S10: a cancelled run that could not give a node back is not over") {
  for (const bool lock_lost : {false, true}) {
    Bench bench(small_plan(2));
    bench.runner.script = [](const plans::Step& step, int) {
      return step.kind == plans::StepKind::Uncordon ? failure("403") : StepResult{};
    };
    if (lock_lost) bench.mailbox.post(LeaseLost{"is now held by run run-2"});
    EventLog events("run-1", [] { return "2026-01-01T00:00:00.000Z"; }, {&bench.sink});
    Executor executor(bench.plan, {"run-1", ""}, History{.windows = {"w1"}}, bench.journal, events,
                      bench.runner, bench.mailbox);
    const RunEnd end = executor.cancel();
    INFO("lock lost: " << lock_lost);
    CHECK(end.how == "failed");
    CHECK(end.exit_code == 5);
    CHECK(end.message.find("w1 was left cordoned") != std::string::npos);
    CHECK(end.message.find("`drover cancel run-1` tries again") != std::string::npos);
    CHECK(bench.journal.records.back().fields.at("status") == "failed");
  }
}

TEST_CASE("S14: the lock is given back before the journal says that the run has ended, once") {
  Bench bench(small_plan(1));
  EventLog events("run-1", [] { return "2026-01-01T00:00:00.000Z"; }, {&bench.sink});
  std::vector<int> ended;
  std::size_t steps = 0;
  const auto give_back = [&] {
    ended.push_back(bench.journal.count("run-ended", ""));
    steps = bench.runner.started.size();
  };
  const RunEnd end = Executor(bench.plan, {"run-1", ""}, {}, bench.journal, events, bench.runner,
                              bench.mailbox, {.before_end = give_back})
                         .run();
  CHECK(end.exit_code == 0);
  CHECK(ended == std::vector<int>{0});
  CHECK(steps == bench.runner.started.size());
  CHECK(bench.journal.records.back().type == "run-ended");
}

TEST_CASE("S10: cancel ends the run and gives back what is untouched") {
  Bench bench(small_plan(2));
  bench.runner.before_end = [&](const plans::Step& step, int) {
    if (step.id == "v1.34/w1/cordon") bench.mailbox.post(CancelRun{});
  };
  CHECK(bench.run().exit_code == 5);
  CHECK(bench.runner.started.back() == "v1.34/w1/uncordon");
  CHECK(bench.journal.records.back().fields.at("status") == "cancelled");
}

TEST_CASE("S6: one worker at a time is in its window, and a failed one keeps the slot") {
  Bench bench(small_plan(3));
  bench.runner.script = [&](const plans::Step& step, int) {
    return step.id == "v1.34/w1/upgrade-node" ? failure("planted") : StepResult{};
  };
  CHECK(bench.run().exit_code == 5);
  CHECK_FALSE(bench.started("v1.34/w2/cordon"));
  CHECK_FALSE(bench.started("v1.34/w3/cordon"));
  CHECK(bench.end.message.find("w1 was left cordoned") != std::string::npos);
}

TEST_CASE("a node that was uncordoned and did not settle is not called cordoned") {
  Bench bench(small_plan(2));
  bench.runner.script = [&](const plans::Step& step, int) {
    return step.id == "v1.34/w1/settled" ? failure("planted") : StepResult{};
  };
  CHECK(bench.run().exit_code == 5);
  CHECK(bench.end.message.find("cordoned") == std::string::npos);
  CHECK(bench.end.message.find("w1 has not settled.") != std::string::npos);
}

TEST_CASE("S6: the slot is given back after settled, not before") {
  Bench bench(small_plan(3));
  REQUIRE(bench.run().exit_code == 0);
  const auto& order = bench.runner.started;
  const auto at = [&](const std::string& id) {
    return std::find(order.begin(), order.end(), id) - order.begin();
  };
  CHECK(at("v1.34/w1/settled") < at("v1.34/w2/cordon"));
  CHECK(at("v1.34/w2/settled") < at("v1.34/w3/cordon"));
}

TEST_CASE(
    "S4: a failure that may be tried again is, three times in all, each with its own intent") {
  Bench bench(small_plan(1));
  bench.runner.script = [&](const plans::Step& step, int) {
    return step.kind == plans::StepKind::UpgradeApply ? failure("CreateJob", true) : StepResult{};
  };
  CHECK(bench.run().exit_code == 5);
  CHECK(bench.journal.count("step-begun", "v1.34/cp1/upgrade-apply") == 3);
  CHECK(bench.sink.all<StepStarted>().back().attempt == 3);
}

TEST_CASE("S4: a second attempt that succeeds lets the run go on") {
  Bench bench(small_plan(1));
  bench.runner.script = [&](const plans::Step& step, int number) {
    const bool first = step.kind == plans::StepKind::UpgradeApply && number == 1;
    return first ? failure("CreateJob", true) : StepResult{};
  };
  CHECK(bench.run().exit_code == 0);
}

TEST_CASE("S4: when the journal cannot be written nothing is started any more") {
  const int whole = [] {
    Bench bench(small_plan(1));
    bench.run();
    return static_cast<int>(bench.journal.records.size());
  }();
  for (int room = 0; room < whole - 1; ++room) {
    Bench bench(small_plan(1));
    bench.journal.full_after = room;
    const RunEnd end = bench.run();
    INFO("room for " << room << " records");
    CHECK(end.exit_code == (bench.started("v1.34/cluster/verify") ? 0 : 5));
    CHECK(static_cast<int>(bench.runner.started.size()) == bench.journal.count("step-begun"));
  }
}

TEST_CASE("S4: the same where a step is tried again: it ends once, and the run with it") {
  const auto fails_twice = [](const plans::Step& step, int number) {
    const bool fails = step.kind == plans::StepKind::UpgradeApply && number < 3;
    return fails ? failure("CreateJob", true) : StepResult{};
  };
  const int whole = [&] {
    Bench bench(small_plan(1));
    bench.runner.script = fails_twice;
    bench.run();
    return static_cast<int>(bench.journal.records.size());
  }();
  for (int room = 0; room < whole - 1; ++room) {
    Bench bench(small_plan(1));
    bench.runner.script = fails_twice;
    bench.journal.full_after = room;
    INFO("room for " << room << " records");
    const RunEnd end = bench.run();
    CHECK(end.exit_code == (bench.started("v1.34/cluster/verify") ? 0 : 5));
    CHECK(static_cast<int>(bench.runner.started.size()) == bench.journal.count("step-begun"));
  }
}

TEST_CASE("S4: an effect is permitted only after its intent is in the journal") {
  Bench bench(small_plan(1));
  int permitted = 0;
  bench.runner.before_end = [&](const plans::Step& step, int number) {
    AskPermit ask{step.id, number, {{"effect", "1"}}, remote::Instant::max(), {}};
    auto answer = std::make_shared<std::future<Status>>(ask.answer.get_future());
    bench.journal.after_append = [&, answer](const Record& record) {
      if (record.type != "effect-intent") return;
      ++permitted;
      CHECK(answer->wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    };
    bench.mailbox.post(std::move(ask));
  };
  CHECK(bench.run().exit_code == 0);
  CHECK(permitted == static_cast<int>(bench.plan.steps.size()));
}

TEST_CASE("S15: Ctrl-C starts nothing more, abandons waits, and ends with 130") {
  Bench bench(small_plan(1));
  bench.runner.before_end = [&](const plans::Step& step, int) {
    if (step.id == "v1.34/w1/drain") bench.mailbox.post(Interrupt{});
  };
  bench.runner.script = [&](const plans::Step& step, int) {
    return step.id == "v1.34/w1/drain" ? StepResult{.status = StepStatus::Cancelled} : StepResult{};
  };
  const RunEnd end = bench.run();
  CHECK(end.exit_code == 130);
  CHECK(end.status == RunStatus::Interrupted);
  CHECK(bench.runner.stopped);
  CHECK_FALSE(bench.started("v1.34/w1/upgrade-node"));
}

TEST_CASE("notes of finished steps reach later ones of their node, and those that need them") {
  Bench bench(small_plan(1));
  bench.runner.script = [&](const plans::Step& step, int) {
    return StepResult{.notes = {{"from", step.id}}};
  };
  REQUIRE(bench.run().exit_code == 0);
  const auto knows = [&](const std::string& step, const std::string& of) {
    return bench.runner.attempts.at("v1.34/" + step).note_of("v1.34/" + of, "from") ==
           "v1.34/" + of;
  };
  CHECK(knows("cp1/uncordon", "cp1/kubelet-restart"));
  CHECK(knows("w1/uncordon", "w1/cordon"));
  CHECK(knows("cluster/verify", "w1/settled"));
  CHECK(knows("cluster/verify", "cluster/preflight"));
  CHECK_FALSE(knows("w1/uncordon", "cp1/kubelet-restart"));
}

}  // namespace drover::orchestrator
