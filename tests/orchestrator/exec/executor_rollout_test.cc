#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/fake_clock.h"
#include "tests/support/run_bench.h"
#include "tests/support/small_plan.h"

/// The executor's dealings with the roll-out: pauses, the maintenance window, deferral, nodes that
/// are down, and several nodes in flight.
namespace drover::orchestrator {
namespace {

using namespace std::chrono_literals;
using plans::Pause;
using plans::Step;
using plans::StepKind;
using test::Bench;
using test::failure;
using test::small_plan;

plans::Plan plan_of(int workers, int budget = 1) {
  plans::Plan plan = small_plan(workers);
  plan.rollout.budget = budget;
  plan.rollout.order = WorkerOrder::Inventory;
  for (int i = 1; i <= workers; ++i) {
    const std::string name = "w" + std::to_string(i);
    plan.rollout.workers.push_back({name, name, ""});
  }
  return plan;
}

StepResult blocked(const std::string& by) {
  return {.status = StepStatus::Failed,
          .error = {.kind = ErrorKind::Timeout, .message = "not done after 900s"},
          .blocked_by = {by}};
}

/// A mailbox whose time is a clock's: when nothing comes, a second passes.
class TimedMailbox final : public Mailbox {
 public:
  explicit TimedMailbox(test::FakeClock& clock) : clock_(clock) {}
  std::optional<Message> take(std::chrono::milliseconds patience) override {
    auto message = Mailbox::take(0ms);
    if (!message) clock_.pass(patience);
    return message;
  }

 private:
  test::FakeClock& clock_;
};

/// A run over a clock that a test moves.
struct TimedBench {
  explicit TimedBench(plans::Plan p) : plan(std::move(p)), mailbox(clock), runner(mailbox) {
    around.clock = &clock;
  }
  RunEnd run() {
    EventLog events("run-1", [] { return "2026-01-01T00:00:00.000Z"; }, {&sink});
    return Executor(plan, {"run-1", "drover resume"}, history, journal, events, runner, mailbox,
                    around)
        .run();
  }
  bool started(const std::string& id) const {
    return std::find(runner.started.begin(), runner.started.end(), "v1.34/" + id) !=
           runner.started.end();
  }

  plans::Plan plan;
  History history;
  RunSurroundings around;
  test::FakeClock clock;
  TimedMailbox mailbox;
  test::MemoryJournal journal;
  test::RecordingSink sink;
  test::ScriptedRunner runner;
};

class Person final : public PauseQuestion {
 public:
  Person(Mailbox& mailbox, bool there, bool says) : mailbox_(mailbox), there_(there), says_(says) {}
  bool ask(Pause pause) override {
    asked.push_back(pause);
    if (there_) mailbox_.post(PauseAnswered{pause, says_});
    return there_;
  }
  void withdraw() override { withdrawn = true; }

  std::vector<Pause> asked;
  bool withdrawn = false;

 private:
  Mailbox& mailbox_;
  bool there_;
  bool says_;
};

History resumed(const Bench& bench) {
  std::vector<Record> records = {{.type = "run-begun", .fields = {{"run", "run-1"}}}};
  records.insert(records.end(), bench.journal.records.begin(), bench.journal.records.end());
  const auto memory = remember(records);
  REQUIRE(memory);
  return history_of(bench.plan, *memory, {});
}

}  // namespace

TEST_CASE("S6: as many workers are in flight as the budget allows") {
  Bench bench(plan_of(4, 2));
  std::vector<std::string> held;  // ends of the cordons, until both are there
  int most = 0;
  std::set<std::string> in_flight;
  bench.runner.before_end = [&](const Step& step, int) {
    if (!step.node.starts_with("w")) return;
    in_flight.insert(step.node);
    most = std::max(most, static_cast<int>(in_flight.size()));
    if (step.kind == StepKind::Settled) in_flight.erase(step.node);
  };
  CHECK(bench.run().exit_code == 0);
  CHECK(most == 2);
  // Both cordons were begun before either node went on.
  const auto& order = bench.runner.started;
  const auto at = [&](const std::string& id) {
    return std::find(order.begin(), order.end(), "v1.34/" + id) - order.begin();
  };
  CHECK(at("w2/cordon") == at("w1/cordon") + 1);
}

TEST_CASE(
    "S11: a blocked drain is put off: given back, told of, tried once more at the end, left over") {
  Bench bench(plan_of(3));
  bench.runner.script = [&](const Step& step, int) {
    return step.id == "v1.34/w1/drain" ? blocked("budget default/web") : StepResult{};
  };
  const RunEnd end = bench.run();
  CHECK(end.exit_code == 5);
  CHECK(end.how == "failed");
  CHECK(bench.started("v1.34/w3/settled"));
  CHECK_FALSE(bench.started("v1.34/w1/upgrade-node"));
  CHECK_FALSE(bench.started("v1.34/cluster/verify"));
  const auto deferred = bench.sink.all<StepDeferred>();
  REQUIRE(deferred.size() == 2);
  CHECK(deferred[0].step.id == "v1.34/w1/drain");
  CHECK(deferred[0].blocked_by == std::vector<std::string>{"budget default/web"});
  CHECK(deferred[0].comes_again);
  CHECK_FALSE(deferred[1].comes_again);
  CHECK(bench.journal.count("step-deferred", "v1.34/w1/drain") == 2);
  CHECK(std::count(bench.runner.started.begin(), bench.runner.started.end(), "v1.34/w1/uncordon") ==
        2);
  CHECK(end.message.find("w1 was put off and is not upgraded: its drain waits for budget "
                         "default/web") != std::string::npos);
  CHECK(end.message.find("cordoned") == std::string::npos);
  CHECK(end.left == std::vector<std::string>{"v1.34/w1/cordon", "v1.34/w1/drain",
                                             "v1.34/w1/upgrade-node", "v1.34/w1/uncordon",
                                             "v1.34/w1/settled", "v1.34/cluster/verify"});
}

TEST_CASE("S11: a worker that was put off is done when its drain ends the second time") {
  Bench bench(plan_of(2));
  int drains = 0;
  bench.runner.script = [&](const Step& step, int) {
    const bool first = step.id == "v1.34/w1/drain" && ++drains == 1;
    return first ? blocked("budget default/web") : StepResult{};
  };
  CHECK(bench.run().exit_code == 0);
  CHECK(bench.runner.started.back() == "v1.34/cluster/verify");
  const auto& order = bench.runner.started;
  CHECK(std::find(order.begin(), order.end(), "v1.34/w2/settled") <
        std::find(order.begin(), order.end(), "v1.34/w1/upgrade-node"));
}

TEST_CASE("on_blocked: wait tries again without end, fail stops, and only a timeout is a block") {
  for (const OnBlocked action : {OnBlocked::Wait, OnBlocked::Fail, OnBlocked::Defer}) {
    Bench bench(plan_of(2));
    bench.plan.rollout.on_blocked = action;
    int drains = 0;
    bench.runner.script = [&](const Step& step, int) {
      if (step.id != "v1.34/w1/drain") return StepResult{};
      ++drains;
      if (action == OnBlocked::Wait && drains == 7) return StepResult{};
      return action == OnBlocked::Defer ? failure("refused by a filter") : blocked("a budget");
    };
    const RunEnd end = bench.run();
    CHECK(end.exit_code == (action == OnBlocked::Wait ? 0 : 5));
    CHECK(drains == (action == OnBlocked::Wait ? 7 : 1));
    CHECK(bench.started("v1.34/w2/cordon") == (action == OnBlocked::Wait));
    CHECK(bench.sink.all<StepDeferred>().empty());
  }
}

TEST_CASE("S10: a blocked drain of a worker on which something was changed is no deferral") {
  Bench bench(plan_of(2));
  bench.history.windows = {"w1"};
  bench.history.changed = {"w1"};
  bench.runner.script = [&](const Step& step, int) {
    return step.id == "v1.34/w1/drain" ? blocked("a budget") : StepResult{};
  };
  const RunEnd end = bench.run();
  CHECK(end.exit_code == 5);
  CHECK_FALSE(bench.started("v1.34/w1/uncordon"));
  CHECK(end.message.find("w1 was left cordoned") != std::string::npos);
}

TEST_CASE("failure.max_failed_nodes: others go on, and the run ends with 5 all the same") {
  Bench bench(plan_of(3, 2));
  bench.plan.rollout.max_failed = 1;
  bench.runner.script = [&](const Step& step, int) {
    return step.id == "v1.34/w1/upgrade-node" ? failure("planted") : StepResult{};
  };
  const RunEnd end = bench.run();
  CHECK(end.exit_code == 5);
  CHECK(bench.started("v1.34/w3/settled"));
  CHECK_FALSE(bench.started("v1.34/cluster/verify"));
  CHECK(end.message.find("w1 was left cordoned") != std::string::npos);
}

TEST_CASE("a pause without a terminal ends with 5, and resume is the word that was waited for") {
  Bench bench(plan_of(2));
  bench.plan.rollout.pause.after_control_plane = true;
  const RunEnd end = bench.run();
  CHECK(end.exit_code == 5);
  CHECK(end.how == "paused");
  CHECK_FALSE(bench.started("v1.34/w1/cordon"));
  CHECK(bench.started("v1.34/cluster/addons-healthy"));
  REQUIRE(bench.sink.all<RunPaused>().size() == 1);
  CHECK(bench.sink.all<RunPaused>()[0].reason.find("pause.after_control_plane") == 0);

  Bench again(bench.plan);
  again.history = resumed(bench);
  CHECK(again.history.pauses == std::set<std::string>{"after_control_plane"});
  CHECK(again.run().exit_code == 0);
}

TEST_CASE("a pause asks a person, whose word stands also after a crash") {
  for (const bool yes : {true, false}) {
    Bench bench(plan_of(3));
    bench.plan.rollout.canary = 1;
    bench.plan.rollout.pause.after_canary = true;
    Person person(bench.mailbox, true, yes);
    bench.around.question = &person;
    const RunEnd end = bench.run();
    CHECK(end.exit_code == (yes ? 0 : 5));
    CHECK(person.asked == std::vector<Pause>{Pause::AfterCanary});
    CHECK(bench.started("v1.34/w2/cordon") == yes);
    CHECK(bench.journal.count("pause-ended") == (yes ? 1 : 0));
    // Killed at any record, the word of the journal is what counts.
    for (size_t kept = 0; kept < bench.journal.records.size(); ++kept) {
      Bench cut(bench.plan);
      cut.journal.records.assign(bench.journal.records.begin(),
                                 bench.journal.records.begin() + static_cast<std::ptrdiff_t>(kept));
      CHECK(resumed(cut).pauses.empty() == (cut.journal.count("pause-ended") == 0));
    }
  }
}

TEST_CASE("S15: while a person is asked, `drover pause` and Ctrl-C are heard") {
  for (const bool interrupt : {true, false}) {
    Bench bench(plan_of(1));
    bench.plan.rollout.pause.after_control_plane = true;
    class Silent final : public PauseQuestion {
     public:
      explicit Silent(Mailbox& mailbox, bool by_signal) : mailbox_(mailbox), signal_(by_signal) {}
      bool ask(Pause) override {
        if (signal_) {
          mailbox_.post(Interrupt{});
        } else {
          mailbox_.post(PauseRun{});
        }
        return true;
      }
      void withdraw() override { withdrawn = true; }
      bool withdrawn = false;

     private:
      Mailbox& mailbox_;
      bool signal_;
    } silent(bench.mailbox, interrupt);
    bench.around.question = &silent;
    CHECK(bench.run().exit_code == (interrupt ? 130 : 5));
    CHECK(silent.withdrawn);
    CHECK(resumed(bench).pauses.empty());  // nobody has said yes
  }
}

TEST_CASE("S16: between nodes nothing begins until the pause is over") {
  TimedBench bench(plan_of(3));
  bench.plan.rollout.pause.between_nodes = 90s;
  std::vector<remote::Instant> cordons;
  bench.runner.before_end = [&](const Step& step, int) {
    if (step.node.starts_with("w") && step.kind == StepKind::Cordon) {
      cordons.push_back(bench.clock.now());
    }
  };
  CHECK(bench.run().exit_code == 0);
  REQUIRE(cordons.size() == 3);
  CHECK(cordons[1] - cordons[0] >= 90s);
  CHECK(cordons[1] - cordons[0] < 95s);
  CHECK(cordons[2] - cordons[1] >= 90s);
  CHECK_FALSE(bench.sink.all<RunPaused>().empty());
}

TEST_CASE("outside its maintenance window a run ends with 5 and says when it opens") {
  TimedBench bench(plan_of(2));
  // The clock of the tests begins on Monday 21 September 2026 at 14:13:20 UTC.
  bench.plan.rollout.window = MaintenanceWindow{
      .days = {true, true, true, true, true, true, true}, .start = 16h, .end = 18h};
  const RunEnd end = bench.run();
  CHECK(end.exit_code == 5);
  CHECK(end.how == "paused");
  CHECK(bench.runner.started == std::vector<std::string>{"v1.34/cluster/preflight"});
  REQUIRE(bench.sink.all<RunPaused>().size() == 1);
  CHECK(bench.sink.all<RunPaused>()[0].reason ==
        "the maintenance window (every day 16:00-18:00 UTC) is closed; it opens Mon 2026-09-21 "
        "16:00 UTC");
  CHECK(bench.journal.records.back().fields.at("reason").find("it opens") != std::string::npos);
}

TEST_CASE("a maintenance window that closes lets what is in flight end, on resume too") {
  TimedBench bench(plan_of(3));
  bench.plan.rollout.window = MaintenanceWindow{
      .days = {true, true, true, true, true, true, true}, .start = 14h, .end = 15h};
  bench.runner.before_end = [&](const Step& step, int) {
    if (step.id == "v1.34/w1/upgrade-node") bench.clock.pass(2h);
  };
  CHECK(bench.run().exit_code == 5);
  CHECK(bench.started("w1/settled"));
  CHECK_FALSE(bench.started("w2/cordon"));

  TimedBench late(bench.plan);
  for (const Record& record : bench.journal.records) {
    if (record.type == "step-ended") late.history.kept.insert(record.step);
  }
  late.history.windows = {"w2"};  // it was cordoned, and nothing more
  late.clock.pass(3h);
  CHECK(late.run().exit_code == 5);
  CHECK(late.runner.started == std::vector<std::string>{"v1.34/w2/uncordon"});  // given back
}

TEST_CASE("S6: workers that are down by themselves are waited for, and not for ever") {
  for (const bool come_back : {true, false}) {
    TimedBench bench(plan_of(2));
    bench.plan.rollout.workers.push_back({"other", "", ""});
    bench.plan.rollout.patience = 300s;
    bench.around.watches_nodes = true;
    bench.mailbox.post(NodesSeen{{"other"}});
    // Somebody looks at the nodes every ten seconds.
    class Watching final : public EventSink {
     public:
      Watching(TimedBench& b, bool back) : bench_(b), back_(back) {}
      void on(const Event&) override {}
      void tick(const std::string&) override {
        if (back_ && ++ticks_ == 100) bench_.mailbox.post(NodesSeen{});
      }

     private:
      TimedBench& bench_;
      bool back_;
      int ticks_ = 0;
    } watching(bench, come_back);
    EventLog events("run-1", [] { return "2026-01-01T00:00:00.000Z"; }, {&bench.sink, &watching});
    const RunEnd end = Executor(bench.plan, {"run-1", ""}, {}, bench.journal, events, bench.runner,
                                bench.mailbox, bench.around)
                           .run();
    CHECK(end.exit_code == (come_back ? 0 : 5));
    CHECK(bench.started("w1/cordon") == come_back);
    if (come_back) continue;
    CHECK(end.how == "paused");
    CHECK(bench.sink.all<RunPaused>().back().reason.find("node other to be Ready again") !=
          std::string::npos);
  }
}

TEST_CASE(
    "S6: no worker is taken before the nodes were looked at, and that is not waited for for ever") {
  TimedBench bench(plan_of(1));
  bench.around.watches_nodes = true;
  CHECK(bench.run().exit_code == 5);
  CHECK_FALSE(bench.started("w1/cordon"));
}

}  // namespace drover::orchestrator
