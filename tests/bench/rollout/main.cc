#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>

#include "orchestrator/exec/executor.h"
#include "orchestrator/exec/threaded_runner.h"
#include "plans/plan_file.h"
#include "plans/planner.h"
#include "tests/bench/rollout/virtual_time.h"
#include "tests/support/memory_journal.h"
#include "tests/support/worker_world.h"

/// `drover_bench_rollout run WORKERS WIDTH` rolls out over in-process ports and a virtual clock,
/// with the real executor, worker threads, step loop and kinds, and compares with the lower bound;
/// `... plan WORKERS` makes a plan. Each prints one line and exits 1 beyond its budget.
namespace drover::bench {
namespace {

using namespace orchestrator;
using std::chrono::seconds;
using std::chrono::steady_clock;

double since(steady_clock::time_point then) {
  return std::chrono::duration<double>(steady_clock::now() - then).count();
}

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// A node whose commands take as long as the seed says, on the clock.
class SlowNode final : public remote::NodeReader, public remote::NodeWriter {
 public:
  SlowNode(test::WorkerWorld& world, remote::Clock& clock, seconds takes)
      : node_(world), clock_(clock), takes_(takes) {}
  Result<CommandResult> read(const Command& command, std::stop_token stop) override {
    return node_.read(command, stop);
  }
  Result<CommandResult> run(const std::string& id, const Command& command,
                            const remote::OutputSink& sink, std::stop_token stop) override {
    clock_.wait_until(clock_.now() + takes_, {});
    return node_.run(id, command, sink, stop);
  }
  Result<remote::CapsuleState> state(const std::string& id, std::stop_token stop) override {
    return node_.state(id, stop);
  }
  Result<remote::CapsuleState> cancel(const std::string& id, std::stop_token stop) override {
    return node_.cancel(id, stop);
  }

 private:
  test::WorldNode node_;
  remote::Clock& clock_;
  seconds takes_;
};

/// When each worker's turn began and ended, by the events.
class Turns final : public EventSink {
 public:
  explicit Turns(remote::Clock& clock) : clock_(clock) {}
  void on(const Event& event) override {
    if (const auto* started = std::get_if<StepStarted>(&event.what)) {
      if (started->step.kind == "cordon") began_[started->step.node] = clock_.now();
    } else if (const auto* ended = std::get_if<StepFinished>(&event.what)) {
      if (ended->step.kind == "settled") took_.push_back(clock_.now() - began_[ended->step.node]);
    }
  }
  /// No order of these turns in `width` slots can be faster.
  double lower_bound(int width) const {
    double sum = 0;
    double longest = 0;
    for (const auto& turn : took_) {
      const double length = std::chrono::duration<double>(turn).count();
      sum += length;
      longest = std::max(longest, length);
    }
    return std::max(sum / width, longest);
  }
  size_t count() const { return took_.size(); }

 private:
  remote::Clock& clock_;
  std::map<std::string, remote::Instant> began_;
  std::vector<remote::Instant::duration> took_;
};

int roll_out(int workers, int width) {
  constexpr double kMost = 1.05;
  constexpr unsigned kSeed = 7;
  std::minstd_rand random(kSeed);
  plans::Plan plan = test::worker_chains(workers);
  plan.rollout.budget = width;
  std::map<std::string, seconds> takes;
  for (plans::Step& step : plan.steps) {
    if (step.kind != plans::StepKind::UpgradeNode) continue;
    // Most take a minute or two, some much longer; what is expected is off by up to a tenth.
    const int length = std::uniform_int_distribution(20, 60)(random);
    takes[step.node] = seconds(random() % 20 == 0 ? 4 * length : length);
    step.timeout = seconds(3600);
    const int off = std::uniform_int_distribution(90, 110)(random);
    step.estimate = takes[step.node] * 2 * off / 100;
  }
  test::WorkerWorld world;
  VirtualTime time;
  test::MemoryJournal journal;
  Turns turns(time);
  EventLog events("run-1", [] { return std::string("2026-01-01T00:00:00.000Z"); }, {&turns});
  ThreadedRunner threads(
      [&](const std::string& host) {
        auto own = std::make_shared<SlowNode>(world, time, takes[host]);
        return ThreadedRunner::Owned{{own.get(), own.get(), &world, &world, &time}, own};
      },
      [](const plans::Step&, int) { return OutputFile(); }, time);
  CountedRunner runner(threads, time);
  const auto began = steady_clock::now();
  const RunEnd end =
      Executor(plan, {"run-1", ""}, {}, journal, events, runner, time, {.clock = &time}).run();
  const double real = since(began);
  const double makespan = std::chrono::duration<double>(time.now().time_since_epoch()).count();
  const double ratio = makespan / turns.lower_bound(width);
  fmt::print(
      "{} workers, {} at once: exit {}, {} turns in {:.0f} s of virtual time, {:.4f} x the "
      "lower bound; most cordoned at once {}; {:.1f} s real, {:.0f} MiB\n",
      workers, width, end.exit_code, turns.count(), makespan, ratio, world.most_cordoned(), real,
      peak_mib());
  const bool good = end.exit_code == 0 && ratio <= kMost && world.most_cordoned() <= width;
  return good ? 0 : 1;
}

int make_plan(int workers) {
  constexpr double kSeconds = 0.5;
  constexpr double kMiB = 200;
  const Inventory inventory = test::sample_inventory(workers);
  ClusterFacts facts = test::sample_facts(workers);
  std::sort(facts.nodes.begin(), facts.nodes.end(),
            [](const Node& a, const Node& b) { return a.name < b.name; });
  UpgradePlan file = test::sample_upgrade();
  file.rollout.max_unavailable = {10, true};
  const double before = peak_mib();
  const auto began = steady_clock::now();
  const plans::Plan plan = plans::make_plan({inventory, file, facts, "", "", ""});
  const double took = since(began);
  fmt::print("plan for {} workers: {} steps, {:.2f} s, {:.0f} MiB beside the facts' {:.0f}\n",
             workers, plan.steps.size(), took, peak_mib() - before, before);
  return !plan.steps.empty() && took < kSeconds && peak_mib() - before < kMiB ? 0 : 1;
}

}  // namespace
}  // namespace drover::bench

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  const int workers = argc > 2 ? std::atoi(argv[2]) : 1000;
  if (what == "plan") return drover::bench::make_plan(workers);
  if (what == "run") return drover::bench::roll_out(workers, argc > 3 ? std::atoi(argv[3]) : 100);
  fmt::print(stderr, "usage: {} run WORKERS WIDTH | plan WORKERS\n", argv[0]);
  return 2;
}
